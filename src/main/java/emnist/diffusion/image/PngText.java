package emnist.diffusion.image;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import org.w3c.dom.Element;
import org.w3c.dom.Node;

/** Reads what a PNG file says about itself. */
public final class PngText {

  private PngText() {}

  /**
   * The texts of a file, by keyword: those that {@link PngWriter#write} was given.
   *
   * @throws IllegalArgumentException if there is no such file or it is no PNG
   */
  public static Map<String, String> read(Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new IllegalArgumentException(
          "Expected a PNG file at %s, found none. Check the path.".formatted(file));
    }
    ImageReader reader = ImageIO.getImageReadersByFormatName("png").next();
    try (ImageInputStream in = ImageIO.createImageInputStream(file.toFile())) {
      if (!reader.getOriginatingProvider().canDecodeInput(in)) {
        throw new IllegalArgumentException(
            "Expected a PNG file, found another kind in %s. Check the path.".formatted(file));
      }
      reader.setInput(in);
      return texts(reader.getImageMetadata(0).getAsTree(PngWriter.PNG_METADATA));
    } finally {
      reader.dispose();
    }
  }

  private static Map<String, String> texts(Node root) {
    Map<String, String> texts = new LinkedHashMap<>();
    for (Node chunk = root.getFirstChild(); chunk != null; chunk = chunk.getNextSibling()) {
      String text =
          switch (chunk.getNodeName()) {
            case "tEXt" -> "value";
            case "iTXt" -> "text";
            default -> null;
          };
      for (Node entry = chunk.getFirstChild();
          text != null && entry != null;
          entry = entry.getNextSibling()) {
        Element element = (Element) entry;
        texts.put(element.getAttribute("keyword"), element.getAttribute(text));
      }
    }
    return texts;
  }
}
