package emnist.diffusion.config;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import java.io.EOFException;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Goes once through a JSON text with Gson's strict reader, and refuses what that still lets pass;
 * see {@link StrictJson}.
 */
final class JsonDocument {

  private static final int MAX_NESTING = 100;
  private static final int MAX_NUMBER_LENGTH = 100;
  private static final char BYTE_ORDER_MARK = '\ufeff';

  private static final Pattern STRING_OR_INFINITY =
      Pattern.compile("\"(?:[^\"\\\\]++|\\\\.)*+\"|-?Infinity", Pattern.DOTALL);

  /** Where in the text Gson was when it met what it does not take. */
  private static final Pattern PLACE = Pattern.compile("line \\d+ column \\d+");

  private final JsonReader reader;

  JsonDocument(String text) {
    if (!text.isEmpty() && text.charAt(0) == BYTE_ORDER_MARK) {
      throw new JsonParseException("a byte order mark");
    }
    String quoted =
        STRING_OR_INFINITY
            .matcher(text)
            .replaceAll(
                match ->
                    Matcher.quoteReplacement(
                        match.group().startsWith("\"")
                            ? match.group()
                            : '"' + match.group() + '"'));
    reader = new JsonReader(new StringReader(quoted));
    reader.setStrictness(Strictness.STRICT);
    reader.setNestingLimit(MAX_NESTING + 1);
  }

  /** The one value of the text. */
  JsonElement value() {
    try {
      JsonElement value = read();
      if (reader.peek() != JsonToken.END_DOCUMENT) {
        throw new JsonParseException("more than one value");
      }
      return value;
    } catch (EOFException e) {
      throw new JsonParseException("an early end", e);
    } catch (IOException | IllegalStateException e) {
      Matcher place = PLACE.matcher(String.valueOf(e.getMessage()));
      throw new JsonParseException("an error" + (place.find() ? " at " + place.group() : ""), e);
    }
  }

  private JsonElement read() throws IOException {
    return switch (reader.peek()) {
      case BEGIN_OBJECT -> object();
      case BEGIN_ARRAY -> array();
      case STRING -> new JsonPrimitive(whole(reader.nextString()));
      case NUMBER -> number(reader.nextString());
      case BOOLEAN -> new JsonPrimitive(reader.nextBoolean());
      default -> {
        reader.nextNull();
        yield JsonNull.INSTANCE;
      }
    };
  }

  private JsonObject object() throws IOException {
    JsonObject object = new JsonObject();
    reader.beginObject();
    while (reader.hasNext()) {
      String name = whole(reader.nextName());
      JsonElement value = read();
      if (object.has(name)) {
        throw new JsonParseException("the name \"%s\" twice".formatted(StrictJson.quoted(name)));
      }
      object.add(name, value);
    }
    reader.endObject();
    return object;
  }

  private JsonArray array() throws IOException {
    JsonArray array = new JsonArray();
    reader.beginArray();
    while (reader.hasNext()) {
      array.add(read());
    }
    reader.endArray();
    return array;
  }

  /** Kept as it is written. */
  private static JsonElement number(String digits) {
    if (digits.length() > MAX_NUMBER_LENGTH) {
      throw new JsonParseException("a number of %d characters".formatted(digits.length()));
    }
    return JsonParser.parseString(digits);
  }

  private static String whole(String string) {
    if (!StandardCharsets.UTF_8.newEncoder().canEncode(string)) {
      throw new JsonParseException("half a character in a string");
    }
    return string;
  }
}
