package emnist.diffusion.scheduler;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import java.util.Arrays;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.function.DoubleConsumer;
import java.util.function.IntConsumer;

/** Reads the options of a {@code scheduler_config.json}; an option nobody asked for is refused. */
final class SchedulerOptions {

  private final JsonObject unread;

  private SchedulerOptions(JsonObject options) {
    this.unread = options;
  }

  static SchedulerOptions parse(String json, String className) {
    JsonObject options;
    try {
      options = JsonParser.parseString(json).getAsJsonObject();
    } catch (JsonParseException | IllegalStateException e) {
      throw new IllegalArgumentException(
          "Expected a JSON object with scheduler options, found text that is none (%s). Check the file."
              .formatted(e.getMessage()),
          e);
    }
    JsonElement found = options.get("_class_name");
    if (found != null && !found.equals(new JsonPrimitive(className))) {
      throw new IllegalArgumentException(
          "Expected _class_name \"%s\", found %s. Load it with the scheduler it was saved by."
              .formatted(className, found));
    }
    options.keySet().removeIf(name -> name.startsWith("_"));
    return new SchedulerOptions(options);
  }

  void integer(String name, IntConsumer option) {
    JsonPrimitive value = take(name);
    if (value != null) {
      double number = value.isNumber() ? value.getAsDouble() : Double.NaN;
      if (number != (int) number) {
        throw mismatch("a whole number", name, value);
      }
      option.accept((int) number);
    }
  }

  void number(String name, DoubleConsumer option) {
    JsonPrimitive value = take(name);
    if (value != null) {
      if (!value.isNumber()) {
        throw mismatch("a number", name, value);
      }
      option.accept(value.getAsDouble());
    }
  }

  void flag(String name, Consumer<Boolean> option) {
    JsonPrimitive value = take(name);
    if (value != null) {
      if (!value.isBoolean()) {
        throw mismatch("true or false", name, value);
      }
      option.accept(value.getAsBoolean());
    }
  }

  <E extends Enum<E>> void choice(String name, Class<E> type, Consumer<E> option) {
    JsonPrimitive value = take(name);
    if (value != null) {
      E[] choices = type.getEnumConstants();
      option.accept(
          Arrays.stream(choices)
              .filter(choice -> value.equals(new JsonPrimitive(configName(choice))))
              .findFirst()
              .orElseThrow(
                  () ->
                      mismatch(
                          "one of "
                              + Arrays.stream(choices).map(SchedulerOptions::configName).toList(),
                          name,
                          value)));
    }
  }

  /** Refuses what is left, except options that diffusers writes as null when they are not used. */
  void refuseOthers() {
    unread.entrySet().removeIf(option -> option.getValue().isJsonNull());
    if (unread.size() > 0) {
      throw new IllegalArgumentException(
          "Expected only options that this scheduler supports, found %s. Remove them if the model does not need them."
              .formatted(unread));
    }
  }

  /** The name that diffusers' JSON has for a constant. */
  static String configName(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }

  private JsonPrimitive take(String name) {
    JsonElement value = unread.remove(name);
    if (value == null) {
      return null;
    }
    if (!value.isJsonPrimitive()) {
      throw mismatch("a single value", name, value);
    }
    return value.getAsJsonPrimitive();
  }

  private static IllegalArgumentException mismatch(
      String expected, String name, JsonElement found) {
    return new IllegalArgumentException(
        "Expected %s for %s, found %s. Change that option.".formatted(expected, name, found));
  }
}
