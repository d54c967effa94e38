package emnist.diffusion.config;

import com.google.gson.Gson;
import com.google.gson.JsonElement;
import com.google.gson.JsonPrimitive;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * What an option's value looks like in JSON; Gson itself would read "yes" as false.
 *
 * @param words in words, with the article
 * @param test whether a value is of this kind
 */
record OptionKind(String words, Predicate<JsonElement> test) {

  private static final OptionKind INTEGER =
      ofPrimitive("an integer", v -> v.isNumber() && v.getAsString().matches("-?\\d{1,9}"));
  private static final OptionKind LONG =
      ofPrimitive("an integer", v -> v.isNumber() && v.getAsString().matches("-?\\d{1,18}"));
  private static final Set<String> INFINITE = Set.of("Infinity", "-Infinity");
  private static final OptionKind NUMBER =
      ofPrimitive("a number", v -> v.isNumber() || INFINITE.contains(v.getAsString()));
  private static final OptionKind FLAG = ofPrimitive("true or false", JsonPrimitive::isBoolean);
  private static final OptionKind TEXT = ofPrimitive("a string", JsonPrimitive::isString);

  /** The kind of a record's component. */
  static OptionKind of(RecordComponent component, Gson gson) {
    return of(component.getGenericType(), gson);
  }

  private static OptionKind of(Type type, Gson gson) {
    if (type == int.class || type == Integer.class) {
      return INTEGER;
    }
    if (type == long.class) {
      return LONG;
    }
    if (type == double.class || type == Double.class) {
      return NUMBER;
    }
    if (type == boolean.class) {
      return FLAG;
    }
    if (type == String.class) {
      return TEXT;
    }
    if (type instanceof ParameterizedType list && list.getRawType() == List.class) {
      OptionKind element = of(list.getActualTypeArguments()[0], gson);
      return new OptionKind(
          element == INTEGER ? "a list of integers" : "a list of strings",
          v -> v.isJsonArray() && v.getAsJsonArray().asList().stream().allMatch(element.test()));
    }
    if (type instanceof Class<?> choice && choice.isEnum()) {
      List<JsonElement> names =
          Arrays.stream(choice.getEnumConstants()).map(gson::toJsonTree).toList();
      return new OptionKind(
          names.stream()
              .map(JsonElement::getAsString)
              .collect(Collectors.joining(", ", "one of [", "]")),
          names::contains);
    }
    if (type instanceof Class<?> nested && nested.isRecord()) {
      return new OptionKind("an object", JsonElement::isJsonObject);
    }
    throw new AssertionError("no options of " + type);
  }

  private static OptionKind ofPrimitive(String words, Predicate<JsonPrimitive> test) {
    return new OptionKind(words, v -> v instanceof JsonPrimitive value && test.test(value));
  }
}
