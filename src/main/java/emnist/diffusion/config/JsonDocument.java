package emnist.diffusion.config;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Goes once through a JSON text, by recursive descent; see {@link StrictJson}. */
final class JsonDocument {

  private static final int MAX_NESTING = 100;
  private static final int MAX_NUMBER_LENGTH = 100;

  /** Stands for the end of the text; no value and no punctuation begins with it. */
  private static final char END = '\0';

  private static final Pattern NUMBER =
      Pattern.compile("-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][+-]?[0-9]+)?");
  private static final Pattern WORD = Pattern.compile("true|false|null|-?Infinity");

  private final String text;
  private int position;

  JsonDocument(String text) {
    this.text = text;
  }

  /** The one value of the text. */
  JsonElement value() {
    JsonElement value = value(0);
    peek();
    if (position < text.length()) {
      throw unexpected();
    }
    return value;
  }

  private JsonElement value(int depth) {
    if (depth > MAX_NESTING) {
      throw new JsonParseException(
          "more than %d values inside each other at character %d"
              .formatted(MAX_NESTING, position + 1));
    }
    return switch (peek()) {
      case '{' -> object(depth);
      case '[' -> array(depth);
      case '"' -> new JsonPrimitive(string());
      default -> wordOrNumber();
    };
  }

  private JsonObject object(int depth) {
    JsonObject object = new JsonObject();
    position++;
    if (peek() == '}') {
      position++;
      return object;
    }
    do {
      if (peek() != '"') {
        throw unexpected();
      }
      String name = string();
      if (peek() != ':') {
        throw unexpected();
      }
      position++;
      JsonElement value = value(depth + 1);
      if (object.has(name)) {
        throw new JsonParseException("the name \"%s\" twice".formatted(StrictJson.quoted(name)));
      }
      object.add(name, value);
    } while (continues('}'));
    return object;
  }

  private JsonArray array(int depth) {
    JsonArray array = new JsonArray();
    position++;
    if (peek() == ']') {
      position++;
      return array;
    }
    do {
      array.add(value(depth + 1));
    } while (continues(']'));
    return array;
  }

  /** Takes a comma, or the end of an object or array. */
  private boolean continues(char end) {
    char found = peek();
    if (found != ',' && found != end) {
      throw unexpected();
    }
    position++;
    return found == ',';
  }

  private String string() {
    position++;
    StringBuilder string = new StringBuilder();
    for (char c = next(); c != '"'; c = next()) {
      if (c < ' ') {
        position--;
        throw unexpected();
      }
      string.append(c == '\\' ? escaped() : c);
    }
    String whole = string.toString();
    if (!StandardCharsets.UTF_8.newEncoder().canEncode(whole)) {
      throw new JsonParseException("half a character before character " + (position + 1));
    }
    return whole;
  }

  private char escaped() {
    char c = next();
    return switch (c) {
      case '"', '\\', '/' -> c;
      case 'b' -> '\b';
      case 'f' -> '\f';
      case 'n' -> '\n';
      case 'r' -> '\r';
      case 't' -> '\t';
      case 'u' -> (char) (hex() << 12 | hex() << 8 | hex() << 4 | hex());
      default -> {
        position--;
        throw unexpected();
      }
    };
  }

  private int hex() {
    char digit = next();
    if (!HexFormat.isHexDigit(digit)) {
      position--;
      throw unexpected();
    }
    return HexFormat.fromHexDigit(digit);
  }

  private JsonElement wordOrNumber() {
    String found = lookingAt(WORD);
    if (found == null) {
      found = lookingAt(NUMBER);
    }
    if (found == null || found.length() > MAX_NUMBER_LENGTH) {
      throw unexpected();
    }
    position += found.length();
    return switch (found) {
      case "null" -> JsonNull.INSTANCE;
      case "Infinity", "-Infinity" -> new JsonPrimitive(found);
      // Gson keeps a number as it is written.
      default -> JsonParser.parseString(found);
    };
  }

  private String lookingAt(Pattern pattern) {
    Matcher matcher = pattern.matcher(text).region(position, text.length());
    return matcher.lookingAt() ? matcher.group() : null;
  }

  /** The next character that is no white space, not yet taken, or {@link #END}. */
  private char peek() {
    while (position < text.length() && " \t\n\r".indexOf(text.charAt(position)) >= 0) {
      position++;
    }
    return position < text.length() ? text.charAt(position) : END;
  }

  private char next() {
    if (position == text.length()) {
      throw unexpected();
    }
    return text.charAt(position++);
  }

  private JsonParseException unexpected() {
    if (position == text.length()) {
      return new JsonParseException("an early end");
    }
    char c = text.charAt(position);
    String shown = c > ' ' && c <= '~' ? String.valueOf(c) : "U+%04X".formatted((int) c);
    return new JsonParseException("'%s' at character %d".formatted(shown, position + 1));
  }
}
