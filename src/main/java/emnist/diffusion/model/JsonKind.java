package emnist.diffusion.model;

import com.google.gson.JsonElement;
import com.google.gson.JsonPrimitive;

/** What an option's value looks like in JSON; Gson itself would read "yes" as false. */
enum JsonKind {
  INTEGER("an integer"),
  NUMBER("a number"),
  FLAG("true or false"),
  TEXT("a string"),
  INTEGERS("a list of integers"),
  TEXTS("a list of strings");

  private final String words;

  JsonKind(String words) {
    this.words = words;
  }

  /** The kind of an example. */
  static JsonKind of(JsonElement example) {
    if (example.isJsonArray()) {
      return of(example.getAsJsonArray().get(0)) == INTEGER ? INTEGERS : TEXTS;
    }
    JsonPrimitive primitive = example.getAsJsonPrimitive();
    if (primitive.isNumber()) {
      return primitive.getAsNumber() instanceof Double ? NUMBER : INTEGER;
    }
    return primitive.isBoolean() ? FLAG : TEXT;
  }

  /** Whether {@code value} is of this kind. */
  boolean includes(JsonElement value) {
    return switch (this) {
      case INTEGERS -> isListOf(INTEGER, value);
      case TEXTS -> isListOf(TEXT, value);
      default -> value instanceof JsonPrimitive primitive && includes(primitive);
    };
  }

  private static boolean isListOf(JsonKind kind, JsonElement value) {
    return value.isJsonArray() && value.getAsJsonArray().asList().stream().allMatch(kind::includes);
  }

  private boolean includes(JsonPrimitive value) {
    return switch (this) {
      case INTEGER -> value.isNumber() && value.getAsString().matches("-?\\d{1,9}");
      case NUMBER -> value.isNumber();
      case FLAG -> value.isBoolean();
      default -> value.isString();
    };
  }

  /** In words, with its article. */
  @Override
  public String toString() {
    return words;
  }
}
