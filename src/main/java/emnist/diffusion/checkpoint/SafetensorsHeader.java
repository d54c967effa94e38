package emnist.diffusion.checkpoint;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.databind.JsonNode;
import emnist.diffusion.config.Json;
import emnist.diffusion.config.MalformedJson;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.LongStream;

/** What a safetensors file says of its arrays: the file up to their data. */
final class SafetensorsHeader {

  /**
   * The types of number that can be read, by safetensors' names: their size in a file, their code
   * in torch::ScalarType, and the type of the array they become.
   */
  enum Dtype {
    F32(Float.BYTES, 6, DataType.FLOAT32),
    F16(Short.BYTES, 5, DataType.FLOAT32),
    BF16(Short.BYTES, 15, DataType.FLOAT32),
    F64(Double.BYTES, 7, DataType.FLOAT32),
    I64(Long.BYTES, 4, DataType.INT64);

    final int bytes;
    final int torchType;
    final DataType readAs;

    Dtype(int bytes, int torchType, DataType readAs) {
      this.bytes = bytes;
      this.torchType = torchType;
      this.readAs = readAs;
    }
  }

  /** An array, whose bytes are {@code [begin, end)} of the data. */
  record Entry(String name, Dtype dtype, Shape shape, long begin, long end) {}

  /** An array as the JSON has it. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  private record Written(String dtype, long[] shape, long[] dataOffsets) {}

  private static final int MAX_BYTES = 100_000_000; // as the reference implementation has it
  private static final int MAX_DIMENSIONS = 64; // PyTorch's limit
  private static final String METADATA = "__metadata__";

  private SafetensorsHeader() {}

  /**
   * The beginning of a file of {@code arrays}, up to their data.
   *
   * @throws IllegalArgumentException if one of them is not float32, or {@link #read} would refuse
   *     it
   */
  static ByteBuffer describe(Map<String, NDArray> arrays, Dtype dtype) {
    Map<String, Object> header = new LinkedHashMap<>();
    header.put(METADATA, Map.of("format", "pt"));
    long offset = 0;
    for (Map.Entry<String, NDArray> array : arrays.entrySet()) {
      requireReadable(array.getKey(), array.getValue().getShape());
      DataType type = array.getValue().getDataType();
      if (type != DataType.FLOAT32) {
        throw new IllegalArgumentException(
            "Expected \"%s\" as float32, found %s. Convert it first."
                .formatted(array.getKey(), type.name().toLowerCase(Locale.ROOT)));
      }
      long end = offset + array.getValue().size() * dtype.bytes;
      long[] shape = array.getValue().getShape().getShape();
      header.put(array.getKey(), new Written(dtype.name(), shape, new long[] {offset, end}));
      offset = end;
    }
    byte[] json = Json.writeCompact(header).getBytes(StandardCharsets.UTF_8);
    if (json.length > MAX_BYTES) {
      throw new IllegalArgumentException(
          "Expected a header of at most %s bytes, found %s. Write fewer arrays, or shorter names."
              .formatted(MAX_BYTES, json.length));
    }
    byte[] padded = Arrays.copyOf(json, (json.length + 7) / 8 * 8);
    Arrays.fill(padded, json.length, padded.length, (byte) ' ');
    return ByteBuffer.allocate(Long.BYTES + padded.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(padded.length)
        .put(padded)
        .flip();
  }

  /** Refuses, before a byte is written, what {@link #read} would refuse. */
  private static void requireReadable(String name, Shape shape) {
    if (name.equals(METADATA)
        || !StandardCharsets.UTF_8.newEncoder().canEncode(name)
        || shape.dimension() > MAX_DIMENSIONS
        || numbersAtMost(shape.getShape()) > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "Expected a name in Unicode other than %s, and at most %s dimensions and %s numbers, found \"%s\" of shape %s. Rename, reshape or split the array."
              .formatted(METADATA, MAX_DIMENSIONS, Integer.MAX_VALUE, name, shape));
    }
  }

  /** The numbers of a shape. Sides of 0 count as 1, because the engine multiplies the others. */
  private static double numbersAtMost(long[] shape) {
    return LongStream.of(shape).mapToDouble(side -> Math.max(side, 1)).reduce(1, (a, b) -> a * b);
  }

  /**
   * Reads the header of a file up to the data, and checks it against the file's size.
   *
   * @param file for the messages
   * @return the arrays, of different names, in the order of their data, which they fill without a
   *     gap
   * @throws IllegalArgumentException if it is not well-formed, names a type that cannot be read, or
   *     does not fit the Java heap
   */
  static List<Entry> read(Path file, FileChannel in) throws IOException {
    long size = in.size();
    ByteBuffer length = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    long headerBytes = size < Long.BYTES ? -1 : Safetensors.fill(length, in).getLong();
    if (headerBytes < 2 || headerBytes > Math.min(MAX_BYTES, size - Long.BYTES)) {
      throw malformed(
          file, "a header that fits its %s bytes".formatted(size), headerBytes + " header bytes");
    }
    if (headerBytes > Json.maxBytes()) {
      throw new IllegalArgumentException(
          "Expected at most %s header bytes in %s, as many as the Java heap has room for, found %s. Start Java with a larger -Xmx."
              .formatted(Json.maxBytes(), file, headerBytes));
    }
    ByteBuffer json = Safetensors.fill(ByteBuffer.allocate((int) headerBytes), in);
    return entries(file, json, size - Long.BYTES - headerBytes);
  }

  private static List<Entry> entries(Path file, ByteBuffer json, long dataBytes) {
    List<Entry> entries = new ArrayList<>();
    try {
      if (json.get(0) != '{') {
        throw new MalformedJson("another beginning than {");
      }
      for (Map.Entry<String, JsonNode> member : Json.object(Json.parse(json)).properties()) {
        if (member.getKey().equals(METADATA)) {
          Json.object(member.getValue()).forEach(Json::string);
        } else {
          Written written = Json.read(member.getValue(), Written.class);
          entries.add(entry(file, member.getKey(), written));
        }
      }
    } catch (MalformedJson e) {
      throw malformed(file, "a JSON header", e.getMessage());
    }
    // An empty array lies where the next one begins, and comes before it.
    entries.sort(Comparator.comparingLong(Entry::begin).thenComparingLong(Entry::end));
    long end = 0;
    for (Entry entry : entries) {
      if (entry.begin() != end) {
        throw malformed(file, "an array at byte " + end, "\"" + entry.name() + "\" elsewhere");
      }
      end = entry.end();
    }
    if (end != dataBytes) {
      throw malformed(file, end + " bytes of data", dataBytes);
    }
    return entries;
  }

  private static Entry entry(Path file, String name, Written array) {
    if (array.dtype() == null || array.shape() == null || array.dataOffsets() == null) {
      throw new MalformedJson("\"%s\" without dtype, shape or data_offsets".formatted(name));
    }
    Dtype dtype = dtype(file, name, array.dtype());
    long bytes = numbers(file, name, array.shape()) * dtype.bytes;
    long[] offsets = array.dataOffsets();
    if (offsets.length != 2
        || offsets[0] < 0
        || offsets[1] < offsets[0]
        || offsets[1] - offsets[0] != bytes) {
      throw malformed(
          file,
          "\"%s\" of shape %s in %s bytes".formatted(name, Arrays.toString(array.shape()), bytes),
          Arrays.toString(offsets));
    }
    return new Entry(name, dtype, new Shape(array.shape()), offsets[0], offsets[1]);
  }

  /** How many numbers an array of that shape has: at most 2^31 - 1. */
  private static long numbers(Path file, String name, long[] shape) {
    if (shape.length > MAX_DIMENSIONS) {
      throw new MalformedJson(shape.length + " integers instead of " + MAX_DIMENSIONS);
    }
    if (LongStream.of(shape).anyMatch(side -> side < 0)) {
      throw malformed(
          file, "sides of at least 0 of \"%s\"".formatted(name), Arrays.toString(shape));
    }
    double product = numbersAtMost(shape);
    if (product > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "Expected \"%s\" of at most %s numbers in %s, found %s. Split the array."
              .formatted(name, Integer.MAX_VALUE, file, Arrays.toString(shape)));
    }
    return LongStream.of(shape).anyMatch(side -> side == 0) ? 0 : (long) product;
  }

  private static Dtype dtype(Path file, String name, String dtype) {
    try {
      return Dtype.valueOf(dtype);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "Expected \"%s\" as one of %s in %s, found %s. Save it as F32."
              .formatted(name, Arrays.toString(Dtype.values()), file, dtype),
          e);
    }
  }

  private static IllegalArgumentException malformed(Path file, String expected, Object found) {
    return new IllegalArgumentException(
        "Expected %s in %s, found %s. Copy or download the file again."
            .formatted(expected, file, found));
  }
}
