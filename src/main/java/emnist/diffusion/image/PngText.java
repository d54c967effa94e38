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
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32;

/**
 * Reads what a PNG file says about itself: the text chunks before its pixels, which are not
 * decoded.
 *
 * <p>ImageIO writes these chunks for {@code PngWriter}, but its reader compares no checksum and
 * inflates compressed chunks of any size.
 */
public final class PngText {

  private static final String SIGNATURE = "\u0089PNG\r\n\u001a\n";
  private static final int MAX_TEXT_BYTES = 1 << 24;

  /** Pictures have a dozen before their pixels. */
  private static final int MAX_CHUNKS = 1000;

  /** Keyword and text. */
  private static final Pattern TEXT = Pattern.compile("(?s)([^\0]*+)\0(.*+)");

  /** Keyword, compression flag and method, language, keyword in that language, and UTF-8 text. */
  private static final Pattern INTERNATIONAL_TEXT =
      Pattern.compile("(?s)([^\0]*+)\0(.).[^\0]*+\0[^\0]*+\0(.*+)");

  private final Path file;
  private final Map<String, String> texts = new LinkedHashMap<>();
  private int textBytes;

  private PngText(Path file) {
    this.file = file;
  }

  /**
   * The texts of a file by keyword: those that {@code PngWriter} was given. Compressed texts, which
   * other programs write, are left out.
   *
   * @throws IllegalArgumentException if there is no such file, it is not a PNG file or damaged, or
   *     its texts have more than 16 MiB, or over 1000 chunks come before its pixels
   */
  public static Map<String, String> read(Path file) throws IOException {
    if (!Files.isRegularFile(file) || !Files.isReadable(file)) {
      throw new IllegalArgumentException(
          "Expected a PNG file that may be read at %s, found none. Check the path."
              .formatted(file));
    }
    PngText text = new PngText(file);
    try (DataInputStream in =
        new DataInputStream(new BufferedInputStream(Files.newInputStream(file)))) {
      if (!latin1(in.readNBytes(SIGNATURE.length())).equals(SIGNATURE)) {
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
    for (int chunks = 0; chunks < MAX_CHUNKS; chunks++) {
      int length = in.readInt();
      byte[] type = new byte[4];
      in.readFully(type);
      if (length < 0) {
        throw damaged("a chunk of more than 2 GiB");
      }
      switch (latin1(type)) {
        case "IDAT", "IEND" -> {
          return;
        }
        case "tEXt" -> {
          Matcher fields = fields(TEXT, in, type, length);
          texts.put(fields.group(1), fields.group(2));
        }
        case "iTXt" -> {
          Matcher fields = fields(INTERNATIONAL_TEXT, in, type, length);
          if (fields.group(2).equals("\0")) {
            texts.put(fields.group(1), utf8(fields.group(3)));
          }
        }
        default -> in.skipNBytes(length + (long) Integer.BYTES);
      }
    }
    throw damaged("more than %s chunks before its pixels".formatted(MAX_CHUNKS));
  }

  private Matcher fields(Pattern pattern, DataInputStream in, byte[] type, int length)
      throws IOException {
    if (length > MAX_TEXT_BYTES - textBytes) {
      throw damaged("more than %s bytes of text".formatted(MAX_TEXT_BYTES));
    }
    textBytes += length;
    byte[] data = in.readNBytes(length);
    CRC32 checksum = new CRC32();
    checksum.update(type);
    checksum.update(data);
    if (in.readInt() != (int) checksum.getValue()) {
      throw damaged("a text of another checksum");
    }
    Matcher fields = pattern.matcher(latin1(data));
    if (!fields.matches()) {
      throw damaged("a text without its end");
    }
    return fields;
  }

  private static String latin1(byte[] bytes) {
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }

  private static String utf8(String latin1) throws CharacterCodingException {
    ByteBuffer bytes = StandardCharsets.ISO_8859_1.encode(latin1);
    return StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
  }

  private IllegalArgumentException damaged(String found) {
    return new IllegalArgumentException(
        "Expected an intact PNG file, found %s in %s. Copy it again.".formatted(found, file));
  }
}
