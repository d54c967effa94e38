package emnist.diffusion.image;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.CRC32;

/**
 * Reads what a PNG file says about itself: the chunks before its pixels, which are not decoded.
 *
 * <p>ImageIO would take the memory that a chunk announces, whatever the size of the file.
 */
public final class PngText {

  private static final byte[] SIGNATURE = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
  private static final int MAX_TEXT_BYTES = 1 << 24;

  private final Path file;
  private final Map<String, String> texts = new LinkedHashMap<>();
  private int textBytes;

  private PngText(Path file) {
    this.file = file;
  }

  /**
   * The texts of a file, by keyword: those that {@link PngWriter#write} was given. Compressed ones,
   * which other programs write, are left out.
   *
   * @throws IllegalArgumentException if there is no such file, it is no PNG or damaged, or its
   *     texts have more than 16 MiB
   */
  public static Map<String, String> read(Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new IllegalArgumentException(
          "Expected a PNG file at %s, found none. Check the path.".formatted(file));
    }
    PngText text = new PngText(file);
    try (DataInputStream in =
        new DataInputStream(new BufferedInputStream(Files.newInputStream(file)))) {
      if (!Arrays.equals(in.readNBytes(SIGNATURE.length), SIGNATURE)) {
        throw new IllegalArgumentException(
            "Expected a PNG file, found another kind in %s. Check the path.".formatted(file));
      }
      text.readChunks(in);
      return text.texts;
    } catch (EOFException e) {
      throw text.damaged("an early end");
    } catch (CharacterCodingException e) {
      throw text.damaged("a text that is no UTF-8");
    }
  }

  private void readChunks(DataInputStream in) throws IOException {
    while (true) {
      int length = in.readInt();
      byte[] type = new byte[4];
      in.readFully(type);
      if (length < 0) {
        throw damaged("a chunk of more than 2 GiB");
      }
      switch (new String(type, StandardCharsets.ISO_8859_1)) {
        case "IDAT", "IEND" -> {
          return;
        }
        case "tEXt" -> addText(chunk(in, type, length));
        case "iTXt" -> addInternationalText(chunk(in, type, length));
        default -> in.skipNBytes(length + (long) Integer.BYTES);
      }
    }
  }

  private ByteBuffer chunk(DataInputStream in, byte[] type, int length) throws IOException {
    if (length > MAX_TEXT_BYTES - textBytes) {
      throw damaged("more than %d bytes of text".formatted(MAX_TEXT_BYTES));
    }
    textBytes += length;
    byte[] data = in.readNBytes(length);
    CRC32 checksum = new CRC32();
    checksum.update(type);
    checksum.update(data);
    if (in.readInt() != (int) checksum.getValue()) {
      throw damaged("a text of another checksum");
    }
    return ByteBuffer.wrap(data);
  }

  private void addText(ByteBuffer chunk) {
    String keyword = latin1(untilZero(chunk));
    texts.put(keyword, latin1(chunk));
  }

  private void addInternationalText(ByteBuffer chunk) throws CharacterCodingException {
    String keyword = latin1(untilZero(chunk));
    if (chunk.remaining() < 2) {
      throw damaged("a text without its end");
    }
    boolean compressed = chunk.get() != 0;
    chunk.get(); // the method of compression
    untilZero(chunk); // the language
    untilZero(chunk); // the keyword in that language
    if (!compressed) {
      texts.put(keyword, StandardCharsets.UTF_8.newDecoder().decode(chunk).toString());
    }
  }

  /** Takes the bytes up to the next zero, and the zero. */
  private ByteBuffer untilZero(ByteBuffer chunk) {
    for (int i = chunk.position(); i < chunk.limit(); i++) {
      if (chunk.get(i) == 0) {
        ByteBuffer before = chunk.slice(chunk.position(), i - chunk.position());
        chunk.position(i + 1);
        return before;
      }
    }
    throw damaged("a text without its end");
  }

  private static String latin1(ByteBuffer bytes) {
    return StandardCharsets.ISO_8859_1.decode(bytes).toString();
  }

  private IllegalArgumentException damaged(String found) {
    return new IllegalArgumentException(
        "Expected an intact PNG file, found %s in %s. Copy it again.".formatted(found, file));
  }
}
