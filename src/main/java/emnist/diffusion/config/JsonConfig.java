package emnist.diffusion.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The JSON form of a configuration record: its components under diffusers' names, such as {@code
 * num_train_timesteps} for {@code numTrainTimesteps}.
 *
 * <p>Strict: an option that is unknown, or has a value of the wrong kind, is refused by name. What
 * is left out has its default. Components may be numbers, booleans, strings, enums, lists of
 * integers or strings, and records of these; boxed ones may be null, and so may those whose default
 * is null.
 *
 * <p>A text with a {@code _class_name} is a file that diffusers has saved: as there, a warning
 * names the unknown options, which are ignored.
 *
 * @param <R> the record, whose constructor checks ranges
 * @param className whose options they are, diffusers' {@code _class_name}
 * @param defaultsJson JSON of all the record's options
 * @param fixedJson JSON of diffusers' options that the record lacks, with the only value that is
 *     supported; or a list of such values, the first of which is written
 * @param older puts the present options in the place of those of older versions, and returns the
 *     names of the latter
 */
public record JsonConfig<R extends Record>(
    String className,
    Class<R> type,
    String defaultsJson,
    String fixedJson,
    Function<ObjectNode, List<String>> older) {

  /** The version of diffusers whose files and numbers are reproduced. */
  public static final String DIFFUSERS_VERSION = "0.40.0";

  private static final Logger LOG = LoggerFactory.getLogger(JsonConfig.class);

  /** A file may have any number of unknown options; a warning has room for some. */
  private static final int MAX_NAMED = 30;

  private static final Set<Type> NUMBERS = Set.of(double.class, Double.class);
  private static final Set<String> INFINITE = Set.of("Infinity", "-Infinity");

  /** The form of a record whose options have always been the same. */
  public JsonConfig(String className, Class<R> type, String defaultsJson, String fixedJson) {
    this(className, type, defaultsJson, fixedJson, given -> List.of());
  }

  public R defaults() {
    return Json.read(defaultsJson, type);
  }

  /**
   * Reads a JSON text; options that are not in it have their defaults.
   *
   * @throws IllegalArgumentException if it is no JSON object or was written by another class, or an
   *     option is unknown in a text without {@code _class_name}, of the wrong kind or out of range
   */
  public R fromJson(String json) {
    ObjectNode given = parse(className, json);
    JsonNode found = given.get("_class_name");
    if (found != null && !className.equals(found.textValue())) {
      throw new IllegalArgumentException(
          "Expected _class_name \"%s\", found %s. Load it as the class it was saved by."
              .formatted(className, found));
    }
    List<String> unknown = new ArrayList<>(older.apply(given));
    if (found != null) {
      ObjectNode known = Json.tree(defaults()).setAll(fixed());
      Json.names(given).stream()
          .filter(option -> !option.startsWith("_") && !known.has(option))
          .forEach(unknown::add);
      given.remove(unknown);
    }
    if (!unknown.isEmpty()) {
      LOG.warn(
          "{} of diffusers {} has no option {}: read as what has replaced it, or else ignored.",
          className,
          DIFFUSERS_VERSION,
          String.join(", ", unknown.stream().limit(MAX_NAMED).map(Json::quoted).toList()));
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

  /** Refuses a value out of a range, whose ends are allowed; null passes. */
  public static void within(String option, Number value, Number least, Number most) {
    double number = value == null ? least.doubleValue() : value.doubleValue();
    if (!(number >= least.doubleValue() && number <= most.doubleValue())) {
      throw new IllegalArgumentException(
          "Expected %s from %s to %s, found %s. Change that option."
              .formatted(option, least, most, value));
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
      if (fixed().has(option)) {
        requireFixed(option, value);
      } else if (component == null) {
        if (option.startsWith("_")) {
          continue; // _class_name, _name_or_path, ...: about the file, not the configuration
        }
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
          "Expected %s as one of %s, found %s. Leave it out: no other value is supported."
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
    String range = " from %s to %s".formatted(Integer.MIN_VALUE, Integer.MAX_VALUE);
    if (type instanceof ParameterizedType list) {
      return list.getActualTypeArguments()[0] == Integer.class
          ? "a list of integers" + range
          : "a list of strings";
    }
    Class<?> single = (Class<?>) type;
    if (single.isEnum()) {
      return "one of " + Arrays.stream(single.getEnumConstants()).map(Json::name).toList();
    }
    if (single.isRecord()) {
      return "an object";
    }
    return Map.of(
            boolean.class, "true or false",
            String.class, "a string",
            long.class, "an integer from %s to %s".formatted(Long.MIN_VALUE, Long.MAX_VALUE))
        .getOrDefault(single, NUMBERS.contains(single) ? "a number" : "an integer" + range);
  }
}
