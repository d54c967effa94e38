package emnist.diffusion.checkpoint;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import com.google.gson.Gson;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a safetensors file says of its arrays.
 *
 * @param dataStart where in the file the data begins
 * @param entries by name, in the order of their data, which they fill without a gap
 */
record SafetensorsHeader(long dataStart, Map<String, Entry> entries) {

  /**
   * An array.
   *
   * @param begin its first byte, counted from the start of the data
   * @param end the byte behind its last
   */
  record Entry(Dtype dtype, Shape shape, long begin, long end) {}

  /** As the reference implementation has it. */
  private static final int MAX_BYTES = 100_000_000;

  private static final String METADATA = "__metadata__";
  private static final Gson GSON = new Gson();

  /**
   * The beginning of a file of {@code arrays}, up to their data.
   *
   * @throws IllegalArgumentException if one of them is not float32
   */
  static ByteBuffer describe(Map<String, NDArray> arrays, Dtype dtype) {
    JsonObject header = new JsonObject();
    JsonObject metadata = new JsonObject();
    metadata.addProperty("format", "pt");
    header.add(METADATA, metadata);
    long offset = 0;
    for (Map.Entry<String, NDArray> array : arrays.entrySet()) {
      requireFloat32(array.getKey(), array.getValue());
      long end = offset + array.getValue().size() * dtype.bytes();
      JsonObject entry = new JsonObject();
      entry.addProperty("dtype", dtype.name());
      entry.add("shape", GSON.toJsonTree(array.getValue().getShape().getShape()));
      entry.add("data_offsets", GSON.toJsonTree(new long[] {offset, end}));
      header.add(array.getKey(), entry);
      offset = end;
    }
    byte[] json = GSON.toJson(header).getBytes(StandardCharsets.UTF_8);
    byte[] padded = Arrays.copyOf(json, (json.length + 7) / 8 * 8);
    Arrays.fill(padded, json.length, padded.length, (byte) ' ');
    return ByteBuffer.allocate(Long.BYTES + padded.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(padded.length)
        .put(padded)
        .flip();
  }

  /**
   * Reads the header of a file and checks it against the file's size.
   *
   * @param file for the messages
   * @throws IllegalArgumentException if it is not well-formed, or names a type that cannot be read
   */
  static SafetensorsHeader read(Path file, FileChannel in) throws IOException {
    long size = in.size();
    long headerBytes = -1;
    if (size >= Long.BYTES) {
      ByteBuffer length = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
      Safetensors.readFully(in, 0, length);
      headerBytes = length.getLong();
    }
    if (headerBytes < 2 || headerBytes > Math.min(MAX_BYTES, size - Long.BYTES)) {
      throw malformed(
          file, "a header that fits its %d bytes".formatted(size), headerBytes + " header bytes");
    }
    ByteBuffer json = ByteBuffer.allocate((int) headerBytes);
    Safetensors.readFully(in, Long.BYTES, json);
    long dataStart = Long.BYTES + headerBytes;
    return new SafetensorsHeader(
        dataStart, entries(file, StandardCharsets.UTF_8.decode(json).toString(), size - dataStart));
  }

  private static Map<String, Entry> entries(Path file, String json, long dataBytes) {
    Map<String, Entry> entries = new LinkedHashMap<>();
    try {
      JsonParser.parseString(json).getAsJsonObject().entrySet().stream()
          .filter(member -> !member.getKey().equals(METADATA))
          .map(member -> Map.entry(member.getKey(), entry(file, member)))
          .sorted(
              Comparator.comparingLong((Map.Entry<String, Entry> entry) -> entry.getValue().begin())
                  // An empty array lies where the next one begins.
                  .thenComparingLong(entry -> entry.getValue().end()))
          .forEach(member -> entries.put(member.getKey(), member.getValue()));
    } catch (JsonParseException
        | IllegalStateException
        | UnsupportedOperationException
        | NumberFormatException
        | NullPointerException
        | ArithmeticException e) {
      throw malformed(file, "a JSON header", e.getMessage());
    }
    long end = 0;
    for (Map.Entry<String, Entry> named : entries.entrySet()) {
      if (named.getValue().begin() != end) {
        throw malformed(file, "an array at byte " + end, "\"" + named.getKey() + "\" elsewhere");
      }
      end = named.getValue().end();
    }
    if (end != dataBytes) {
      throw malformed(file, end + " bytes of data", dataBytes);
    }
    return entries;
  }

  private static Entry entry(Path file, Map.Entry<String, JsonElement> member) {
    String name = member.getKey();
    JsonObject json = member.getValue().getAsJsonObject();
    String type = json.get("dtype").getAsString();
    Dtype dtype = Dtype.named(type).orElseThrow(() -> unreadable(file, name, type));
    long[] shape = integers(json.get("shape"));
    long[] offsets = integers(json.get("data_offsets"));
    long size = 1;
    for (long side : shape) {
      size = side < 0 ? -1 : Math.multiplyExact(size, side);
    }
    long bytes = Math.multiplyExact(size, dtype.bytes());
    if (offsets.length != 2 || offsets[1] - offsets[0] != bytes) {
      throw malformed(
          file,
          "\"%s\" of shape %s in %d bytes".formatted(name, Arrays.toString(shape), bytes),
          Arrays.toString(offsets));
    }
    if (size > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "Expected \"%s\" of at most %d numbers in %s, found %d. Split the array."
              .formatted(name, Integer.MAX_VALUE, file, size));
    }
    return new Entry(dtype, new Shape(shape), offsets[0], offsets[1]);
  }

  private static long[] integers(JsonElement array) {
    return array.getAsJsonArray().asList().stream()
        .mapToLong(number -> number.getAsBigDecimal().longValueExact())
        .toArray();
  }

  private static IllegalArgumentException unreadable(Path file, String name, String dtype) {
    return new IllegalArgumentException(
        "Expected \"%s\" as one of %s in %s, found %s. Save it as F32."
            .formatted(name, Arrays.toString(Dtype.values()), file, dtype));
  }

  private static IllegalArgumentException malformed(Path file, String expected, Object found) {
    return new IllegalArgumentException(
        "Expected %s in %s, found %s. Copy or download the file again."
            .formatted(expected, file, found));
  }

  private static void requireFloat32(String name, NDArray array) {
    if (array.getDataType() != DataType.FLOAT32) {
      throw new IllegalArgumentException(
          "Expected \"%s\" as float32, found %s. Convert it first."
              .formatted(name, array.getDataType()));
    }
  }
}
