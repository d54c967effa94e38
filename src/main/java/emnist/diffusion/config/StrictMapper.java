package emnist.diffusion.config;

import com.fasterxml.jackson.annotation.JsonAutoDetect.Visibility;
import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import com.fasterxml.jackson.annotation.PropertyAccessor;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.core.io.JsonEOFException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.core.util.JsonParserDelegate;
import com.fasterxml.jackson.core.util.Separators;
import com.fasterxml.jackson.core.util.Separators.Spacing;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.cfg.CoercionAction;
import com.fasterxml.jackson.databind.cfg.CoercionInputShape;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.type.LogicalType;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** Jackson's settings for {@link Json}, and what it lets pass even so. */
final class StrictMapper {

  private static final int MAX_DEPTH = 101;
  private static final int MAX_NUMBER_LENGTH = 100;

  private static final DefaultPrettyPrinter PRETTY =
      new DefaultPrettyPrinter()
          .withSeparators(
              Separators.createDefaultInstance()
                  .withObjectFieldValueSpacing(Spacing.AFTER)
                  .withObjectEmptySeparator("")
                  .withArrayEmptySeparator(""))
          .withObjectIndenter(new DefaultIndenter("  ", "\n"))
          .withArrayIndenter(new DefaultIndenter("  ", "\n"));

  private StrictMapper() {}

  /** Numbers and names as {@link Json} says, its limits, and nothing converted. */
  static JsonMapper create() {
    JsonFactory factory =
        JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
            .disable(JsonWriteFeature.WRITE_NAN_AS_STRINGS, JsonWriteFeature.WRITE_HEX_UPPER_CASE)
            // Names come from anywhere: shared ones would stay in memory for good.
            .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
            .streamReadConstraints(
                StreamReadConstraints.builder()
                    .maxNestingDepth(MAX_DEPTH)
                    .maxNumberLength(MAX_NUMBER_LENGTH)
                    // Json.maxBytes bounds these.
                    .maxNameLength(Integer.MAX_VALUE)
                    .maxStringLength(Integer.MAX_VALUE)
                    .build())
            .build();
    return JsonMapper.builder(factory)
        .defaultPrettyPrinter(PRETTY)
        .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
        .visibility(PropertyAccessor.FIELD, Visibility.ANY)
        .visibility(PropertyAccessor.GETTER, Visibility.NONE)
        .visibility(PropertyAccessor.IS_GETTER, Visibility.NONE)
        .enable(
            DeserializationFeature.FAIL_ON_TRAILING_TOKENS,
            DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES,
            DeserializationFeature.FAIL_ON_NUMBERS_FOR_ENUMS)
        .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
        .defaultSetterInfo(JsonSetter.Value.forContentNulls(Nulls.FAIL))
        .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
        .withCoercionConfig(
            LogicalType.Textual,
            config ->
                config
                    .setCoercion(CoercionInputShape.Integer, CoercionAction.Fail)
                    .setCoercion(CoercionInputShape.Float, CoercionAction.Fail)
                    .setCoercion(CoercionInputShape.Boolean, CoercionAction.Fail))
        .build();
  }

  /** The one value of a text, refused if it is not strictly JSON. */
  static JsonNode parse(JsonMapper mapper, String text) throws IOException {
    try (JsonParser parser = new StrictParser(mapper.createParser(text))) {
      JsonNode value = mapper.readTree(parser);
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
        String name = ((JsonParser) e.getProcessor()).currentName();
        throw new MalformedJson("the name \"%s\" twice".formatted(Json.quoted(name)), e);
      }
      JsonLocation place = e.getLocation();
      throw new MalformedJson(
          "an error at line %s column %s".formatted(place.getLineNr(), place.getColumnNr()), e);
    }
  }

  /** Refuses half a character, numbers too large for a double, and NaN, INF and +Infinity. */
  private static final class StrictParser extends JsonParserDelegate {

    StrictParser(JsonParser parser) {
      super(parser);
    }

    @Override
    public JsonToken nextToken() throws IOException {
      JsonToken token = super.nextToken();
      if (token == JsonToken.FIELD_NAME || token == JsonToken.VALUE_STRING) {
        if (!StandardCharsets.UTF_8.newEncoder().canEncode(getText())) {
          throw new MalformedJson("half a character in a string");
        }
      } else if (token == JsonToken.VALUE_NUMBER_FLOAT && !getText().matches("-?Infinity")) {
        if (!getText().matches(".*\\d")) {
          throw new MalformedJson("the word %s instead of a number".formatted(getText()));
        } else if (Double.isInfinite(getDoubleValue())) {
          throw new MalformedJson(
              "the number %s at %s, which is beyond %s"
                  .formatted(getText(), getParsingContext().pathAsPointer(), Double.MAX_VALUE));
        }
      }
      return token;
    }
  }
}
