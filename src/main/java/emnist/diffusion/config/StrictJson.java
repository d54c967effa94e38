package emnist.diffusion.config;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonPrimitive;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;

/**
 * Reads JSON (RFC 8259) from anywhere, and nothing that only looks like it: UTF-8 without a byte
 * order mark, no name twice in an object, no more than 100 values inside each other, nothing behind
 * the end. Gson's own reader forgives all of these.
 *
 * <p>The one liberty is Python's: {@code Infinity} and {@code -Infinity}, which its {@code json}
 * writes for such numbers, are read as the strings of that name.
 *
 * <p>What is refused is a {@link JsonParseException}, whose message fits behind "found" in that of
 * the caller.
 */
public final class StrictJson {

  private static final int MAX_QUOTED = 80;

  /** Memory that a byte of JSON takes at most once it is read; {@code [{},{},{}]} takes 50. */
  private static final int BYTES_PER_BYTE = 64;

  private static final Pattern LONG = Pattern.compile("-?[0-9]{1,19}");

  private StrictJson() {}

  /** The longest text that is read, in bytes: what fits the Java heap in any case. */
  public static long maxBytes() {
    return Runtime.getRuntime().maxMemory() / BYTES_PER_BYTE;
  }

  /**
   * The text of a file, not yet parsed.
   *
   * @throws JsonParseException if it is not UTF-8, or longer than {@link #maxBytes}
   * @throws IOException if it cannot be read
   */
  public static String text(Path file) throws IOException {
    int limit = (int) Math.min(maxBytes(), Integer.MAX_VALUE - 16);
    try (InputStream in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes(limit);
      if (in.read() >= 0) {
        throw tooLong("more");
      }
      return text(ByteBuffer.wrap(bytes));
    }
  }

  private static String text(ByteBuffer utf8) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(utf8).toString();
    } catch (CharacterCodingException e) {
      throw new JsonParseException("bytes that are no UTF-8", e);
    }
  }

  /**
   * Parses a file.
   *
   * @throws JsonParseException if it is not strictly JSON, or longer than {@link #maxBytes}
   * @throws IOException if it cannot be read
   */
  public static JsonElement parse(Path file) throws IOException {
    return parse(text(file));
  }

  /**
   * Parses a text in UTF-8.
   *
   * @throws JsonParseException if it is not strictly JSON, or longer than {@link #maxBytes}
   */
  public static JsonElement parse(ByteBuffer utf8) {
    return parse(text(utf8));
  }

  /**
   * Parses a text.
   *
   * @throws JsonParseException if it is not strictly JSON, or longer than {@link #maxBytes}
   */
  public static JsonElement parse(String text) {
    if (text.length() > maxBytes()) {
      throw tooLong(String.valueOf(text.length()));
    }
    return new JsonDocument(text).value();
  }

  /**
   * An element as an object.
   *
   * @param element may be null, as where an object lacks a name
   * @throws JsonParseException if it is none
   */
  public static JsonObject object(JsonElement element) {
    if (element instanceof JsonObject object) {
      return object;
    }
    throw insteadOf("an object", element);
  }

  /** An element as an array; see {@link #object}. */
  public static JsonArray array(JsonElement element) {
    if (element instanceof JsonArray array) {
      return array;
    }
    throw insteadOf("an array", element);
  }

  /** An element as a string; see {@link #object}. */
  public static String string(JsonElement element) {
    if (element instanceof JsonPrimitive primitive && primitive.isString()) {
      return primitive.getAsString();
    }
    throw insteadOf("a string", element);
  }

  /** An element as an integer of 64 bits, written without a fraction; see {@link #object}. */
  public static long integer(JsonElement element) {
    if (element instanceof JsonPrimitive primitive
        && primitive.isNumber()
        && LONG.matcher(primitive.getAsString()).matches()) {
      try {
        return Long.parseLong(primitive.getAsString());
      } catch (NumberFormatException e) {
        throw insteadOf("an integer of 64 bits", element);
      }
    }
    throw insteadOf("an integer", element);
  }

  private static JsonParseException insteadOf(String expected, JsonElement found) {
    String words;
    if (found == null) {
      words = "nothing";
    } else if (found.isJsonObject()) {
      words = "an object";
    } else {
      words = found.isJsonArray() ? "an array" : quoted(found.toString());
    }
    return new JsonParseException(words + " instead of " + expected);
  }

  /** The beginning of a text that may be of any length. */
  static String quoted(String text) {
    return text.length() <= MAX_QUOTED ? text : text.substring(0, MAX_QUOTED) + "...";
  }

  private static JsonParseException tooLong(String found) {
    return new JsonParseException(
        "%s bytes where the Java heap has room for the JSON of %d".formatted(found, maxBytes()));
  }
}
