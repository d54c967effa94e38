package emnist.diffusion;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import emnist.diffusion.config.Json;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * A file of reference numbers computed by the original Python libraries: a safetensors file in
 * {@code src/test/resources/golden}.
 */
public final class Golden {

  private record Entry(String dtype, long[] shape, long[] dataOffsets) {}

  private final String file;
  private final Map<String, Entry> entries = new LinkedHashMap<>();
  private final Map<String, String> metadata = new LinkedHashMap<>();
  private final byte[] bytes;
  private final int dataStart;

  private Golden(String file, byte[] bytes) {
    this.file = file;
    this.bytes = bytes;
    int headerLength = Math.toIntExact(littleEndian(0, Long.BYTES).getLong());
    this.dataStart = Long.BYTES + headerLength;
    ObjectNode header =
        Json.object(
            Json.parse(new String(bytes, Long.BYTES, headerLength, StandardCharsets.UTF_8)));
    for (Map.Entry<String, JsonNode> member : header.properties()) {
      if (member.getKey().equals("__metadata__")) {
        member
            .getValue()
            .properties()
            .forEach(e -> metadata.put(e.getKey(), e.getValue().asText()));
      } else {
        JsonNode entry = member.getValue();
        entries.put(
            member.getKey(),
            new Entry(
                entry.get("dtype").asText(),
                integers(entry.get("shape")),
                integers(entry.get("data_offsets"))));
      }
    }
  }

  private static long[] integers(JsonNode array) {
    return Json.elements(array).stream().mapToLong(Json::integer).toArray();
  }

  /** Opens {@code golden/<name>.safetensors} of the test resources. */
  public static Golden open(String name) {
    String file = "/golden/" + name + ".safetensors";
    try (InputStream in = Golden.class.getResourceAsStream(file)) {
      assertThat(in).as("test resource " + file).isNotNull();
      return new Golden(file, in.readAllBytes());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Names of the arrays, in the order of the file's header. */
  public Set<String> names() {
    return entries.keySet();
  }

  /** The settings stored beside the arrays, {@code __metadata__}. */
  public Map<String, String> metadata() {
    return metadata;
  }

  public long[] shape(String key) {
    return entry(key).shape();
  }

  public float[] floats(String key) {
    ByteBuffer data = data(key, "F32");
    float[] values = new float[data.remaining() / Float.BYTES];
    data.asFloatBuffer().get(values);
    return values;
  }

  /** Values of an F64 array, or of an F32 one widened. */
  public double[] doubles(String key) {
    if (entry(key).dtype().equals("F32")) {
      return widened(floats(key));
    }
    ByteBuffer data = data(key, "F64");
    double[] values = new double[data.remaining() / Double.BYTES];
    data.asDoubleBuffer().get(values);
    return values;
  }

  /** The same numbers as doubles. */
  public static double[] widened(float[] values) {
    return IntStream.range(0, values.length).mapToDouble(i -> values[i]).toArray();
  }

  public long[] longs(String key) {
    ByteBuffer data = data(key, "I64");
    long[] values = new long[data.remaining() / Long.BYTES];
    data.asLongBuffer().get(values);
    return values;
  }

  /** Values of an I64 array that fit an int, such as timesteps and class labels. */
  public int[] ints(String key) {
    long[] values = longs(key);
    return IntStream.range(0, values.length).map(i -> Math.toIntExact(values[i])).toArray();
  }

  /** Values of a U8 array, {@code 0..255}. */
  public int[] unsignedBytes(String key) {
    ByteBuffer data = data(key, "U8");
    return IntStream.range(0, data.remaining()).map(i -> data.get(i) & 0xff).toArray();
  }

  /** The array with its own shape and type. */
  public NDArray array(NDManager manager, String key) {
    Shape shape = new Shape(shape(key));
    String dtype = entry(key).dtype();
    return switch (dtype) {
      case "F32" -> manager.create(floats(key), shape);
      case "F64" -> manager.create(doubles(key), shape);
      case "I64" -> manager.create(longs(key), shape);
      case "U8" -> manager.create(data(key, "U8"), shape, DataType.UINT8);
      default -> throw new AssertionError(file + " holds " + key + " as " + dtype);
    };
  }

  /** Asserts that every element is within {@code tolerance} of the stored array's. */
  public void assertClose(String key, NDArray actual, double tolerance) {
    assertThat(actual.getShape()).as("shape of " + key).isEqualTo(new Shape(shape(key)));
    assertClose(key, actual.toFloatArray(), tolerance);
  }

  /** Asserts that every element is within {@code tolerance} of the stored array's. */
  public void assertClose(String key, float[] actual, double tolerance) {
    assertClose(key, widened(actual), tolerance);
  }

  /** Asserts that every element is within {@code tolerance} of the stored array's. */
  public void assertClose(String key, double[] actual, double tolerance) {
    assertClose(key, actual, doubles(key), tolerance);
  }

  /** Asserts that every element is within {@code tolerance} of the expected one. */
  public static void assertClose(
      String what, double[] actual, double[] expected, double tolerance) {
    assertThat(actual).as(what).hasSameSizeAs(expected);
    Difference difference = Difference.between(actual, expected);
    int worst = difference.worst();
    assertThat(difference.largest())
        .as("difference of %s at %s: %s, not %s", what, worst, actual[worst], expected[worst])
        .isLessThanOrEqualTo(tolerance);
  }

  /** How far an array is from the stored one of the same shape. */
  public Difference difference(String key, NDArray actual) {
    assertThat(actual.getShape()).as("shape of " + key).isEqualTo(new Shape(shape(key)));
    return Difference.between(widened(actual.toFloatArray()), doubles(key));
  }

  private Entry entry(String key) {
    assertThat(entries).as(file).containsKey(key);
    return entries.get(key);
  }

  private ByteBuffer data(String key, String dtype) {
    Entry entry = entry(key);
    assertThat(entry.dtype()).as(key + " in " + file).isEqualTo(dtype);
    long[] offsets = entry.dataOffsets();
    return littleEndian(
        dataStart + Math.toIntExact(offsets[0]), Math.toIntExact(offsets[1] - offsets[0]));
  }

  private ByteBuffer littleEndian(int offset, int length) {
    return ByteBuffer.wrap(bytes, offset, length).slice().order(ByteOrder.LITTLE_ENDIAN);
  }
}
