package emnist.diffusion.config;

import com.google.gson.FieldNamingPolicy;
import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonPrimitive;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The JSON form of a configuration record: its components under diffusers' names, such as {@code
 * num_train_timesteps} for {@code numTrainTimesteps}.
 *
 * <p>Strict: an option that is unknown, or has a value of the wrong kind, is refused by name. What
 * is left out has its default. Components may be numbers, booleans, strings, enums, lists of
 * integers or strings, and records of these; boxed ones may be null, and so may those whose default
 * is null.
 *
 * @param <R> the record, whose constructor checks ranges
 */
public final class JsonConfig<R extends Record> {

  /** The version of diffusers whose files and numbers are reproduced. */
  public static final String DIFFUSERS_VERSION = "0.40.0";

  private static final Gson GSON =
      new GsonBuilder()
          .setFieldNamingPolicy(FieldNamingPolicy.LOWER_CASE_WITH_UNDERSCORES)
          .serializeSpecialFloatingPointValues()
          .serializeNulls()
          .setPrettyPrinting()
          .create();

  private final String className;
  private final Class<R> type;
  private final JsonObject defaults;
  private final JsonObject fixed;
  private final Set<String> ignored;

  private JsonConfig(
      String className, Class<R> type, JsonObject defaults, JsonObject fixed, Set<String> ignored) {
    this.className = className;
    this.type = type;
    this.defaults = defaults;
    this.fixed = fixed;
    this.ignored = ignored;
  }

  /**
   * The form of a record that has all options.
   *
   * @param className whose options they are, diffusers' {@code _class_name}
   */
  public static <R extends Record> JsonConfig<R> of(String className, R defaults) {
    return of(className, defaults, "{}");
  }

  /**
   * The form of a record that lacks some of diffusers' options.
   *
   * @param fixed JSON of the options that the record lacks, with the only value that is supported;
   *     or a list of such values, the first of which is written
   */
  public static <R extends Record> JsonConfig<R> of(String className, R defaults, String fixed) {
    @SuppressWarnings("unchecked")
    Class<R> type = (Class<R>) defaults.getClass();
    return new JsonConfig<>(
        className,
        type,
        GSON.toJsonTree(defaults).getAsJsonObject(),
        StrictJson.object(StrictJson.parse(fixed)),
        Set.of());
  }

  /** The same form, but of files that may also hold options of something else, left alone. */
  public JsonConfig<R> ignoring(String... options) {
    Set<String> all = new HashSet<>(ignored);
    all.addAll(List.of(options));
    return new JsonConfig<>(className, type, defaults, fixed, all);
  }

  /** The defaults. */
  public R defaults() {
    return create(defaults);
  }

  /**
   * Reads a JSON text; options that are not in it have their defaults.
   *
   * @throws IllegalArgumentException if it is no JSON object or was written by another class, or an
   *     option is unknown, of the wrong kind or out of range
   */
  public R fromJson(String json) {
    JsonObject given = parse(className, json);
    JsonElement found = given.get("_class_name");
    if (found != null && !found.equals(new JsonPrimitive(className))) {
      throw new IllegalArgumentException(
          "Expected _class_name \"%s\", found %s. Load it as the class it was saved by."
              .formatted(className, found));
    }
    JsonObject options = defaults.deepCopy();
    merge(options, given, type);
    return create(options);
  }

  /**
   * A configuration with some options changed.
   *
   * @param changes JSON of the options to change
   * @throws IllegalArgumentException as {@link #fromJson}
   */
  public R with(R config, String changes) {
    JsonObject options = toJsonTree(config);
    merge(options, parse(className, changes), type);
    return create(options);
  }

  /** The options that {@code json}, a configuration of another class, shares with this one. */
  public R shared(String json) {
    JsonObject options = defaults.deepCopy();
    JsonObject given = parse(className, json);
    given.keySet().retainAll(options.keySet());
    merge(options, given, type);
    return create(options);
  }

  /** The text of a diffusers configuration file: every option, sorted by name. */
  public String toJson(R config) {
    JsonObject sorted = new JsonObject();
    sorted.addProperty("_class_name", className);
    sorted.addProperty("_diffusers_version", DIFFUSERS_VERSION);
    Map<String, JsonElement> options = new TreeMap<>(toJsonTree(config).asMap());
    fixed.asMap().forEach((option, value) -> options.put(option, supported(value).get(0)));
    options.forEach(sorted::add);
    return GSON.toJson(sorted) + "\n";
  }

  /** The record's options alone. */
  public JsonObject toJsonTree(R config) {
    return GSON.toJsonTree(config).getAsJsonObject();
  }

  /** The {@code _class_name} of a configuration file, or null if it says none. */
  public static String className(String json) {
    JsonElement name = parse("any class", json).get("_class_name");
    return name instanceof JsonPrimitive text ? text.getAsString() : null;
  }

  private static JsonObject parse(String className, String json) {
    try {
      return StrictJson.object(StrictJson.parse(json));
    } catch (JsonParseException e) {
      throw new IllegalArgumentException(
          "Expected a JSON object with options of %s, found text that is none (%s). Check the file."
              .formatted(className, e.getMessage()),
          e);
    }
  }

  private R create(JsonObject options) {
    try {
      return GSON.fromJson(options, type);
    } catch (RuntimeException e) {
      // Gson wraps what the constructor refuses.
      throw e.getCause() instanceof IllegalArgumentException refusal ? refusal : e;
    }
  }

  private void merge(JsonObject options, JsonObject given, Class<?> record) {
    Map<String, RecordComponent> components =
        Arrays.stream(record.getRecordComponents())
            .collect(Collectors.toMap(JsonConfig::optionName, Function.identity()));
    given
        .asMap()
        .forEach(
            (option, value) -> {
              if (option.startsWith("_") || ignored.contains(option)) {
                return; // _class_name, _name_or_path, ...: about the file, not the configuration
              }
              if (fixed.has(option)) {
                requireFixed(option, value);
              } else if (components.get(option) == null) {
                throw unknown(option, options);
              } else if (components.get(option).getType().isRecord() && value.isJsonObject()) {
                merge(
                    options.getAsJsonObject(option),
                    value.getAsJsonObject(),
                    components.get(option).getType());
              } else {
                requireKind(option, value, components.get(option));
                options.add(option, value);
              }
            });
  }

  private void requireFixed(String option, JsonElement value) {
    List<JsonElement> supported = supported(fixed.get(option));
    if (!supported.contains(value)) {
      throw new IllegalArgumentException(
          supported.size() == 1
              ? "Expected %s as %s, the only value supported, found %s. Leave it out."
                  .formatted(option, supported.get(0), value)
              : "Expected %s as one of %s, found %s. Leave it out."
                  .formatted(option, supported, value));
    }
  }

  private static List<JsonElement> supported(JsonElement value) {
    return value.isJsonArray() ? value.getAsJsonArray().asList() : List.of(value);
  }

  private IllegalArgumentException unknown(String option, JsonObject options) {
    return new IllegalArgumentException(
        "Expected options of %s, found \"%s\". Remove it; the supported ones are %s."
            .formatted(className, option, String.join(", ", options.keySet())));
  }

  private void requireKind(String option, JsonElement value, RecordComponent component) {
    boolean nullable =
        JsonNull.INSTANCE.equals(defaults.get(option))
            || component.getType() == Integer.class
            || component.getType() == Double.class;
    if (value.isJsonNull()) {
      if (!nullable) {
        throw new IllegalArgumentException(
            "Expected a value for %s, found null. Leave it out to use the default."
                .formatted(option));
      }
      return;
    }
    OptionKind kind = OptionKind.of(component, GSON);
    if (!kind.test().test(value)) {
      throw new IllegalArgumentException(
          "Expected %s as %s, found %s. Change that option."
              .formatted(option, kind.words(), value));
    }
  }

  private static String optionName(RecordComponent component) {
    return component.getName().replaceAll("([A-Z])", "_$1").toLowerCase(Locale.ROOT);
  }
}
