package emnist.diffusion.config;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonMappingException.Reference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeType;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Type;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

/**
 * Reads and writes JSON (RFC 8259), strictly: UTF-8 without a byte order mark, no name twice in an
 * object, no more than 100 values inside each other, no number of more than 100 digits or too large
 * for a double, nothing behind the end. The one liberty is Python's: the numbers {@code Infinity}
 * and {@code -Infinity}, as its {@code json} writes them; {@code NaN} is refused.
 *
 * <p>Records are read and written with their components in snake case, {@code num_epochs} for
 * {@code numEpochs}, and no value is converted to another kind.
 *
 * <p>Whatever is refused is a {@link MalformedJson}, a text longer than {@link #maxBytes} included.
 */
public final class Json {

  private static final int MAX_QUOTED = 80;
  private static final String BYTE_ORDER_MARK = "\ufeff";

  /** The most memory that a byte of JSON takes once it is read, as in {@code [{},{},{}]}. */
  private static final int BYTES_PER_BYTE = 64;

  private static final JsonMapper MAPPER = StrictMapper.create();

  private Json() {}

  /** The longest text that is read, in bytes: what fits an array and the Java heap in any case. */
  public static long maxBytes() {
    return Math.min(Runtime.getRuntime().maxMemory() / BYTES_PER_BYTE, Integer.MAX_VALUE - 16);
  }

  /** The text of a file, not yet parsed; refused if not UTF-8 or longer than {@link #maxBytes}. */
  public static String text(Path file) throws IOException {
    requireRoom(Files.size(file));
    return text(ByteBuffer.wrap(Files.readAllBytes(file)));
  }

  /** What a parser makes of the text of a file; its refusal of an option names the file, too. */
  public static <T> T read(Path file, Function<String, T> parser) throws IOException {
    String text = text(file);
    try {
      return parser.apply(text);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("%s (in %s)".formatted(e.getMessage(), file), e);
    }
  }

  private static void requireRoom(long bytes) {
    if (bytes > maxBytes()) {
      throw new MalformedJson(
          "%s bytes where the Java heap has room for the JSON of %s".formatted(bytes, maxBytes()));
    }
  }

  private static String text(ByteBuffer utf8) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(utf8).toString();
    } catch (CharacterCodingException e) {
      throw new MalformedJson("bytes that are not UTF-8", e);
    }
  }

  public static JsonNode parse(Path file) throws IOException {
    return parse(text(file));
  }

  /** Parses a text in UTF-8. */
  public static JsonNode parse(ByteBuffer utf8) {
    return parse(text(utf8));
  }

  /** Parses a text; see {@link Json} for what is refused. */
  public static JsonNode parse(String text) {
    requireRoom(text.length());
    if (text.startsWith(BYTE_ORDER_MARK)) {
      throw new MalformedJson("a byte order mark");
    }
    try {
      return StrictMapper.parse(MAPPER, text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Parses a text and reads a record from it. */
  public static <T> T read(String text, Class<T> type) {
    return read(parse(text), type);
  }

  /**
   * Reads a record from JSON; components that are left out are null.
   *
   * @throws MalformedJson if it has an unknown name, lacks a primitive component or has a value of
   *     the wrong kind
   * @throws IllegalArgumentException of the record's constructor
   */
  public static <T> T read(JsonNode json, Class<T> type) {
    try {
      return MAPPER.treeToValue(object(json), type);
    } catch (JsonMappingException e) {
      throw e.getCause() instanceof IllegalArgumentException refusal ? refusal : malformed(e);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static MalformedJson malformed(JsonMappingException e) {
    String name =
        e.getPath().stream()
            .map(Reference::getFieldName)
            .filter(Objects::nonNull)
            .collect(Collectors.joining("."));
    String found =
        e instanceof UnrecognizedPropertyException
            ? "the unknown name"
            : "no value, or one of the wrong kind, for";
    return new MalformedJson("%s \"%s\"".formatted(found, quoted(name)), e);
  }

  /** The JSON of a record or a map. */
  public static ObjectNode tree(Object value) {
    return MAPPER.valueToTree(value);
  }

  /** The JSON text of a record, a map or a node, indented by two spaces a level. */
  public static String write(Object value) {
    return write(MAPPER.writerWithDefaultPrettyPrinter(), value);
  }

  /** The JSON text of a record, a map or a node without white space. */
  public static String writeCompact(Object value) {
    return write(MAPPER.writer(), value);
  }

  private static String write(ObjectWriter writer, Object value) {
    try {
      return writer.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The name of an enum constant. */
  static String name(Object constant) {
    return MAPPER.convertValue(constant, String.class);
  }

  /** Whether a value can be read as a type. */
  static boolean fits(JsonNode value, Type type) {
    try {
      return MAPPER.treeToValue(value, MAPPER.constructType(type)) != null;
    } catch (JsonProcessingException e) {
      return false;
    }
  }

  /**
   * What differs, for people: {@code adamw.beta1 0.95 where 0.9 is wanted, ...}; empty if equal.
   */
  public static String differences(ObjectNode wanted, ObjectNode found) {
    return String.join(", ", differences("", wanted, found));
  }

  private static List<String> differences(String path, ObjectNode wanted, ObjectNode found) {
    List<String> differences = new ArrayList<>();
    Set<String> options = new TreeSet<>(names(wanted));
    options.addAll(names(found));
    for (String option : options) {
      JsonNode here = wanted.get(option);
      JsonNode there = found.get(option);
      if (here instanceof ObjectNode inner && there instanceof ObjectNode other) {
        differences.addAll(differences(path + option + ".", inner, other));
      } else if (here == null || there == null || !equal(here, there)) {
        differences.add("%s%s %s where %s is wanted".formatted(path, option, there, here));
      }
    }
    return differences;
  }

  /** Whether two values are the same, where 1 and 1.0 are. */
  public static boolean equal(JsonNode one, JsonNode other) {
    return one.equals((a, b) -> a.equals(b) || sameNumber(a, b) ? 0 : 1, other);
  }

  private static boolean sameNumber(JsonNode one, JsonNode other) {
    if (one.isIntegralNumber() && other.isIntegralNumber()) {
      return one.bigIntegerValue().equals(other.bigIntegerValue());
    }
    return one.isNumber() && other.isNumber() && one.doubleValue() == other.doubleValue();
  }

  /** A value as an object; it is refused if it is none, or null. */
  public static ObjectNode object(JsonNode value) {
    return (ObjectNode) require("an object", value, JsonNode::isObject);
  }

  /** The elements of a value that is an array; see {@link #object}. */
  public static List<JsonNode> elements(JsonNode value) {
    require("an array", value, JsonNode::isArray);
    return StreamSupport.stream(value.spliterator(), false).toList();
  }

  /** The names of an object's members, in order. */
  public static List<String> names(JsonNode object) {
    return object.properties().stream().map(Map.Entry::getKey).toList();
  }

  /** A value as a string; see {@link #object}. */
  public static String string(JsonNode value) {
    return require("a string", value, JsonNode::isTextual).textValue();
  }

  /** A value as an integer of 64 bits, written without a fraction; see {@link #object}. */
  public static long integer(JsonNode value) {
    require("an integer", value, JsonNode::isIntegralNumber);
    return require("an integer of 64 bits", value, JsonNode::canConvertToLong).longValue();
  }

  private static JsonNode require(String kind, JsonNode found, Predicate<JsonNode> isOfKind) {
    if (found != null && isOfKind.test(found)) {
      return found;
    }
    String words =
        switch (found == null ? JsonNodeType.MISSING : found.getNodeType()) {
          case MISSING -> "nothing";
          case OBJECT -> "an object";
          case ARRAY -> "an array";
          default -> quoted(writeCompact(found));
        };
    throw new MalformedJson(words + " instead of " + kind);
  }

  /** The beginning of a text that may be of any length. */
  static String quoted(String text) {
    return text.length() <= MAX_QUOTED ? text : text.substring(0, MAX_QUOTED) + "...";
  }
}
