package emnist.diffusion.image;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageTypeSpecifier;
import javax.imageio.ImageWriter;
import javax.imageio.metadata.IIOInvalidTreeException;
import javax.imageio.metadata.IIOMetadata;
import javax.imageio.metadata.IIOMetadataNode;
import javax.imageio.stream.FileImageOutputStream;
import javax.imageio.stream.ImageOutputStream;

/** Writes pictures to PNG files that say how they were made. */
public final class PngWriter {

  static final String PNG_METADATA = "javax_imageio_png_1.0";

  private PngWriter() {}

  /**
   * Writes a picture, replacing the file as a whole or not at all. Missing folders are made.
   *
   * @param file name ending in {@code .png}
   * @param parameters kept in the file as text chunks: keywords of 1 to 79 Latin-1 characters, any
   *     values
   * @throws IllegalArgumentException if the name or a keyword is not fit
   * @throws IOException if it cannot be written
   */
  public static void write(Path file, BufferedImage picture, Map<String, String> parameters)
      throws IOException {
    if (!file.toString().endsWith(".png")) {
      throw new IllegalArgumentException(
          "Expected a file name ending in .png, found %s. Add the ending.".formatted(file));
    }
    parameters.keySet().forEach(PngWriter::requireKeyword);

    Path target = file.toAbsolutePath();
    Files.createDirectories(target.getParent());
    Path part = target.resolveSibling("." + target.getFileName() + ".part");
    try {
      // A part left by a crash would show through, for the encoder writes over what is there.
      Files.deleteIfExists(part);
      encode(part, picture, parameters);
      Files.move(part, target, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(part);
    }
  }

  private static void encode(Path file, BufferedImage picture, Map<String, String> parameters)
      throws IOException {
    ImageWriter writer = ImageIO.getImageWritersByFormatName("png").next();
    try (ImageOutputStream out = new FileImageOutputStream(file.toFile())) {
      IIOMetadata metadata =
          writer.getDefaultImageMetadata(
              ImageTypeSpecifier.createFromRenderedImage(picture), writer.getDefaultWriteParam());
      addText(metadata, parameters);
      writer.setOutput(out);
      writer.write(new IIOImage(picture, null, metadata));
    } finally {
      writer.dispose();
    }
  }

  private static void addText(IIOMetadata metadata, Map<String, String> parameters)
      throws IIOInvalidTreeException {
    IIOMetadataNode latin1 = new IIOMetadataNode("tEXt");
    IIOMetadataNode unicode = new IIOMetadataNode("iTXt");
    parameters.forEach(
        (keyword, text) -> {
          if (isLatin1(text)) {
            IIOMetadataNode entry = new IIOMetadataNode("tEXtEntry");
            entry.setAttribute("keyword", keyword);
            entry.setAttribute("value", text);
            latin1.appendChild(entry);
          } else {
            IIOMetadataNode entry = new IIOMetadataNode("iTXtEntry");
            entry.setAttribute("keyword", keyword);
            entry.setAttribute("compressionFlag", "FALSE");
            entry.setAttribute("compressionMethod", "0");
            entry.setAttribute("languageTag", "");
            entry.setAttribute("translatedKeyword", "");
            entry.setAttribute("text", text);
            unicode.appendChild(entry);
          }
        });
    IIOMetadataNode root = new IIOMetadataNode(PNG_METADATA);
    if (latin1.hasChildNodes()) {
      root.appendChild(latin1);
    }
    if (unicode.hasChildNodes()) {
      root.appendChild(unicode);
    }
    metadata.mergeTree(PNG_METADATA, root);
  }

  private static void requireKeyword(String keyword) {
    if (keyword.isBlank() || keyword.length() > 79 || !isLatin1(keyword)) {
      throw new IllegalArgumentException(
          "Expected a keyword of 1 to 79 Latin-1 characters, found \"%s\". Choose a plain name."
              .formatted(keyword));
    }
  }

  private static boolean isLatin1(String text) {
    return StandardCharsets.ISO_8859_1.newEncoder().canEncode(text);
  }
}
