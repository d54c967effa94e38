package emnist.diffusion.evaluation;

import emnist.diffusion.files.AtomicFiles;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageTypeSpecifier;
import javax.imageio.ImageWriter;
import javax.imageio.metadata.IIOMetadata;
import javax.imageio.metadata.IIOMetadataNode;
import javax.imageio.stream.ImageOutputStream;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/** Writes pictures to PNG files that say how they were made. */
public final class PngWriter {

  private static final String PNG_METADATA = "javax_imageio_png_1.0";

  private PngWriter() {}

  /**
   * Writes a picture, replacing the file completely or not at all. Missing folders are created.
   *
   * @param file name ending in {@code .png}
   * @param parameters kept in the file as text chunks: keywords of 1 to 79 Latin-1 characters, any
   *     values
   * @throws IllegalArgumentException if the file name or a keyword is not allowed
   * @throws IOException if the file cannot be written
   */
  public static void write(Path file, BufferedImage picture, Map<String, String> parameters)
      throws IOException {
    requirePlace(file);
    parameters.keySet().forEach(PngWriter::requireKeyword);
    AtomicFiles.writeFile(file, partial -> encode(partial, picture, parameters));
  }

  /** Refuses a place where no picture can be. */
  static void requirePlace(Path file) throws IOException {
    if (!file.toString().endsWith(".png") || Files.isDirectory(file)) {
      throw new IllegalArgumentException(
          "Expected a file name ending in .png, found %s. Name another file.".formatted(file));
    }
    AtomicFiles.requireFolder(file.toAbsolutePath().getParent());
  }

  private static void encode(Path file, BufferedImage picture, Map<String, String> parameters)
      throws IOException {
    ImageWriter writer = ImageIO.getImageWritersByFormatName("png").next();
    try (OutputStream stream = Files.newOutputStream(file);
        ImageOutputStream out = new MemoryCacheImageOutputStream(stream)) {
      IIOMetadata metadata =
          writer.getDefaultImageMetadata(
              ImageTypeSpecifier.createFromRenderedImage(picture), writer.getDefaultWriteParam());
      IIOMetadataNode root = new IIOMetadataNode(PNG_METADATA);
      parameters.forEach((keyword, text) -> root.appendChild(textChunk(keyword, text)));
      metadata.mergeTree(PNG_METADATA, root);
      writer.setOutput(out);
      writer.write(new IIOImage(picture, null, metadata));
    } finally {
      writer.dispose();
    }
  }

  private static IIOMetadataNode textChunk(String keyword, String text) {
    boolean plain = isLatin1(text);
    IIOMetadataNode chunk = new IIOMetadataNode(plain ? "tEXt" : "iTXt");
    IIOMetadataNode entry = new IIOMetadataNode(plain ? "tEXtEntry" : "iTXtEntry");
    entry.setAttribute("keyword", keyword);
    entry.setAttribute(plain ? "value" : "text", text);
    if (!plain) {
      entry.setAttribute("compressionFlag", "FALSE");
      entry.setAttribute("compressionMethod", "0");
      entry.setAttribute("languageTag", "");
      entry.setAttribute("translatedKeyword", "");
    }
    chunk.appendChild(entry);
    return chunk;
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
