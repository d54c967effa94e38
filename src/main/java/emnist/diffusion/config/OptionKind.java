package emnist.diffusion.config;

import com.fasterxml.jackson.databind.JsonNode;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/**
 * What the value of an option is in JSON.
 *
 * @param words with the article
 * @param test whether a value is of this kind
 */
record OptionKind(String words, Predicate<JsonNode> test) {

  private static final Set<String> INFINITE = Set.of("Infinity", "-Infinity");
  private static final OptionKind INTEGER =
      new OptionKind("an integer", v -> v.isIntegralNumber() && v.canConvertToInt());
  private static final OptionKind NUMBER =
      new OptionKind("a number", v -> v.isNumber() || INFINITE.contains(v.asText()));

  private static final Map<Type, OptionKind> SCALARS =
      Map.of(
          int.class, INTEGER,
          Integer.class, INTEGER,
          long.class,
              new OptionKind("an integer", v -> v.isIntegralNumber() && v.canConvertToLong()),
          double.class, NUMBER,
          Double.class, NUMBER,
          boolean.class, new OptionKind("true or false", JsonNode::isBoolean),
          String.class, new OptionKind("a string", JsonNode::isTextual));

  /** The kind of a record component's type: one of those that {@link JsonConfig} lists. */
  static OptionKind of(Type type) {
    if (type instanceof ParameterizedType list) {
      OptionKind element = of(list.getActualTypeArguments()[0]);
      return new OptionKind(
          element == INTEGER ? "a list of integers" : "a list of strings",
          v -> v.isArray() && Json.elements(v).stream().allMatch(element.test()));
    }
    if (type instanceof Class<?> choice && choice.isEnum()) {
      List<String> names = Arrays.stream(choice.getEnumConstants()).map(Json::name).toList();
      return new OptionKind("one of " + names, v -> v.isTextual() && names.contains(v.textValue()));
    }
    if (type instanceof Class<?> nested && nested.isRecord()) {
      return new OptionKind("an object", JsonNode::isObject);
    }
    return SCALARS.get(type);
  }
}
