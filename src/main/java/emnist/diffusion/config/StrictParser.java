package emnist.diffusion.config;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.core.io.JsonEOFException;
import com.fasterxml.jackson.core.util.JsonParserDelegate;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Set;

/** Refuses what Jackson still lets pass, and says what is wrong in the words of {@link Json}. */
final class StrictParser extends JsonParserDelegate {

  private static final Set<String> INFINITE = Set.of("Infinity", "-Infinity");

  StrictParser(JsonParser parser) {
    super(parser);
  }

  /** The one value of the text. */
  JsonNode value(ObjectMapper mapper) throws IOException {
    try {
      JsonNode value = mapper.readTree(this);
      if (value == null) {
        throw new MalformedJson("an early end");
      }
      return value;
    } catch (JsonEOFException e) {
      throw new MalformedJson("an early end", e);
    } catch (StreamConstraintsException e) {
      throw new MalformedJson("a string or number too long, or too many levels", e);
    } catch (JsonProcessingException e) {
      if (e.getOriginalMessage().startsWith("Duplicate field")) {
        throw new MalformedJson("the name \"%s\" twice".formatted(Json.quoted(currentName())), e);
      }
      JsonLocation place = e.getLocation();
      throw new MalformedJson(
          "an error at line %d column %d".formatted(place.getLineNr(), place.getColumnNr()), e);
    }
  }

  @Override
  public JsonToken nextToken() throws IOException {
    JsonToken token = super.nextToken();
    if (token == JsonToken.FIELD_NAME || token == JsonToken.VALUE_STRING) {
      requireCharacters(getText());
    } else if (token == JsonToken.VALUE_NUMBER_FLOAT) {
      requireNumber(getText());
    }
    return token;
  }

  private static void requireCharacters(String text) {
    if (!StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
      throw new MalformedJson("half a character in a string");
    }
  }

  /** Jackson takes NaN, INF and +Infinity for numbers, too. */
  private static void requireNumber(String text) {
    if (Character.isLetter(text.charAt(text.length() - 1)) && !INFINITE.contains(text)) {
      throw new MalformedJson("the word %s instead of a number".formatted(text));
    }
  }
}
