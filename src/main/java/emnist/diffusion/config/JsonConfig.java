package emnist.diffusion.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

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
 * @param className whose options they are, diffusers' {@code _class_name}
 * @param defaultsJson JSON of all the record's options
 * @param fixedJson JSON of diffusers' options that the record lacks, with the only value that is
 *     supported; or a list of such values, the first of which is written
 * @param ignored options of something else, which files may also hold
 */
public record JsonConfig<R extends Record>(
    String className, Class<R> type, String defaultsJson, String fixedJson, Set<String> ignored) {

  /** The version of diffusers whose files and numbers are reproduced. */
  public static final String DIFFUSERS_VERSION = "0.40.0";

  private static final Set<Type> NUMBERS = Set.of(double.class, Double.class);
  private static final Set<String> INFINITE = Set.of("Infinity", "-Infinity");

  /** The form of a record, of files that hold no other options. */
  public static <R extends Record> JsonConfig<R> of(
      String className, Class<R> type, String defaultsJson, String fixedJson) {
    return new JsonConfig<>(className, type, defaultsJson, fixedJson, Set.of());
  }

  /** The same form, but of files that may also hold {@code options}, which are left alone. */
  public JsonConfig<R> ignoring(String... options) {
    Set<String> all = new HashSet<>(ignored);
    all.addAll(List.of(options));
    return new JsonConfig<>(className, type, defaultsJson, fixedJson, all);
  }

  public R defaults() {
    return Json.read(defaultsJson, type);
  }

  /**
   * Reads a JSON text; options that are not in it have their defaults.
   *
   * @throws IllegalArgumentException if it is no JSON object or was written by another class, or an
   *     option is unknown, of the wrong kind or out of range
   */
  public R fromJson(String json) {
    ObjectNode given = parse(className, json);
    JsonNode found = given.get("_class_name");
    if (found != null && !className.equals(found.textValue())) {
      throw new IllegalArgumentException(
          "Expected _class_name \"%s\", found %s. Load it as the class it was saved by."
              .formatted(className, found));
    }
    return merged(defaults(), given);
  }

  /** A configuration with the options in a JSON text changed; refuses as {@link #fromJson}. */
  public R with(R config, String changes) {
    return merged(config, parse(className, changes));
  }

  /** The options that {@code json}, a configuration of another class, shares with this, changed. */
  public R fromOther(String json, String changes) {
    List<String> options = Json.names(Json.tree(defaults()));
    return with(merged(defaults(), parse(className, json).retain(options)), changes);
  }

  /** The text of a diffusers configuration file: every option, sorted by name. */
  public String toJson(R config) {
    Map<String, Object> sorted = new TreeMap<>();
    sorted.put("_class_name", className);
    sorted.put("_diffusers_version", DIFFUSERS_VERSION);
    Json.tree(config).properties().forEach(o -> sorted.put(o.getKey(), o.getValue()));
    Json.names(fixed()).forEach(option -> sorted.put(option, supported(option).get(0)));
    return Json.write(sorted) + "\n";
  }

  /** The {@code _class_name} of a configuration file, or null if it says none. */
  public static String className(String json) {
    return parse("any class", json).path("_class_name").textValue();
  }

  /** Refuses a value below 1; null passes. */
  public static void atLeastOne(String option, Integer value) {
    if (value != null && value < 1) {
      throw new IllegalArgumentException(
          "Expected %s of at least 1, found %s. Raise it.".formatted(option, value));
    }
  }

  private static ObjectNode parse(String className, String json) {
    try {
      return Json.object(Json.parse(json));
    } catch (MalformedJson e) {
      throw new IllegalArgumentException(
          "Expected a JSON object with options of %s, found text that is none (%s). Check the file."
              .formatted(className, e.getMessage()),
          e);
    }
  }

  private R merged(R config, ObjectNode given) {
    ObjectNode options = Json.tree(config);
    merge(options, given, type);
    return Json.read(options, type);
  }

  private void merge(ObjectNode options, JsonNode given, Class<?> record) {
    Map<String, RecordComponent> components = new HashMap<>();
    for (RecordComponent component : record.getRecordComponents()) {
      components.put(SnakeCaseStrategy.INSTANCE.translate(component.getName()), component);
    }
    for (Map.Entry<String, JsonNode> member : given.properties()) {
      String option = member.getKey();
      JsonNode value = member.getValue();
      RecordComponent component = components.get(option);
      if (option.startsWith("_") || ignored.contains(option)) {
        continue; // _class_name, _name_or_path, ...: about the file, not the configuration
      }
      if (fixed().has(option)) {
        requireFixed(option, value);
      } else if (component == null) {
        throw new IllegalArgumentException(
            "Expected options of %s, found \"%s\". Remove it; the supported ones are %s."
                .formatted(className, option, String.join(", ", Json.names(options))));
      } else if (component.getType().isRecord() && value.isObject()) {
        merge((ObjectNode) options.get(option), value, component.getType());
      } else {
        requireKind(option, value, component);
        options.set(option, value);
      }
    }
  }

  private void requireFixed(String option, JsonNode value) {
    List<JsonNode> supported = supported(option);
    if (supported.stream().noneMatch(one -> Json.equal(one, value))) {
      throw new IllegalArgumentException(
          supported.size() == 1
              ? "Expected %s as %s, the only value supported, found %s. Leave it out."
                  .formatted(option, supported.get(0), value)
              : "Expected %s as one of %s, found %s. Leave it out."
                  .formatted(option, supported, value));
    }
  }

  private ObjectNode fixed() {
    return Json.object(Json.parse(fixedJson));
  }

  private List<JsonNode> supported(String option) {
    JsonNode value = fixed().get(option);
    return value.isArray() ? Json.elements(value) : List.of(value);
  }

  private void requireKind(String option, JsonNode value, RecordComponent component) {
    if (value.isNull()) {
      boolean boxed = component.getType() == Integer.class || component.getType() == Double.class;
      if (!boxed && !Json.tree(defaults()).path(option).isNull()) {
        throw new IllegalArgumentException(
            "Expected a value for %s, found null. Leave it out to use the default."
                .formatted(option));
      }
      return;
    }
    if (!fits(value, component.getGenericType())) {
      throw new IllegalArgumentException(
          "Expected %s as %s, found %s. Change that option."
              .formatted(option, words(component.getGenericType()), value));
    }
  }

  /** Jackson would read the strings "NaN" and "INF" as numbers, too. */
  private static boolean fits(JsonNode value, Type type) {
    return value.isTextual() && NUMBERS.contains(type)
        ? INFINITE.contains(value.textValue())
        : Json.fits(value, type);
  }

  /** What a value of a type is, with the article. */
  private static String words(Type type) {
    if (type instanceof ParameterizedType list) {
      return list.getActualTypeArguments()[0] == Integer.class
          ? "a list of integers"
          : "a list of strings";
    }
    Class<?> single = (Class<?>) type;
    if (single.isEnum()) {
      return "one of " + Arrays.stream(single.getEnumConstants()).map(Json::name).toList();
    }
    if (single.isRecord()) {
      return "an object";
    }
    return Map.of(boolean.class, "true or false", String.class, "a string")
        .getOrDefault(single, NUMBERS.contains(single) ? "a number" : "an integer");
  }
}
