package emnist.diffusion.checkpoint;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import com.google.gson.Gson;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Files of named float32 arrays in Hugging Face's safetensors format: the length of a JSON header,
 * the header, the data.
 *
 * <p>Nothing in such a file is executed. Arrays are read and written one at a time, so that a file
 * of any size needs no memory beyond its largest array.
 */
public final class Safetensors {

  /** As the reference implementation has it. */
  private static final int MAX_HEADER_BYTES = 100_000_000;

  private static final String METADATA = "__metadata__";

  private record Entry(Shape shape, long begin, long end) {}

  private Safetensors() {}

  /**
   * Writes {@code arrays} in their order; equal arrays give equal bytes.
   *
   * @param file must not exist
   */
  public static void write(Path file, Map<String, NDArray> arrays) throws IOException {
    JsonObject header = new JsonObject();
    JsonObject metadata = new JsonObject();
    metadata.addProperty("format", "pt");
    header.add(METADATA, metadata);
    long offset = 0;
    for (Map.Entry<String, NDArray> array : arrays.entrySet()) {
      requireFloat32(array.getKey(), array.getValue());
      long end = offset + array.getValue().size() * Float.BYTES;
      JsonObject entry = new JsonObject();
      entry.addProperty("dtype", "F32");
      entry.add("shape", new Gson().toJsonTree(array.getValue().getShape().getShape()));
      entry.add("data_offsets", new Gson().toJsonTree(new long[] {offset, end}));
      header.add(array.getKey(), entry);
      offset = end;
    }
    byte[] json = new Gson().toJson(header).getBytes(StandardCharsets.UTF_8);
    byte[] padded = Arrays.copyOf(json, (json.length + 7) / 8 * 8);
    Arrays.fill(padded, json.length, padded.length, (byte) ' ');
    try (FileChannel out =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      writeFully(out, littleEndian(Long.BYTES).putLong(padded.length).flip());
      writeFully(out, ByteBuffer.wrap(padded));
      for (Map.Entry<String, NDArray> array : arrays.entrySet()) {
        writeFully(out, array.getValue().toByteBuffer(false));
      }
      out.force(true);
    }
  }

  /**
   * Reads all arrays of a file.
   *
   * @param manager owner of the arrays; its device is theirs
   * @return the arrays in the order of their data
   * @throws IllegalArgumentException if the file is not a well-formed safetensors file of float32
   */
  public static Map<String, NDArray> read(NDManager manager, Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new IllegalArgumentException(
          "Expected a safetensors file at %s, found none. Check the path.".formatted(file));
    }
    try (FileChannel in = FileChannel.open(file, StandardOpenOption.READ)) {
      long size = in.size();
      long headerBytes = size < Long.BYTES ? -1 : read(in, 0, Long.BYTES).getLong();
      if (headerBytes < 2 || headerBytes > Math.min(MAX_HEADER_BYTES, size - Long.BYTES)) {
        throw malformed(
            file, "a header that fits its %d bytes".formatted(size), headerBytes + " header bytes");
      }
      long dataStart = Long.BYTES + headerBytes;
      String json =
          StandardCharsets.UTF_8.decode(read(in, Long.BYTES, (int) headerBytes)).toString();
      Map<String, Entry> entries = entries(file, json, size - dataStart);
      Map<String, NDArray> arrays = new LinkedHashMap<>();
      for (Map.Entry<String, Entry> named : entries.entrySet()) {
        Entry entry = named.getValue();
        ByteBuffer data =
            read(in, dataStart + entry.begin(), Math.toIntExact(entry.end() - entry.begin()));
        arrays.put(
            named.getKey(), manager.create(data.asFloatBuffer(), entry.shape(), DataType.FLOAT32));
      }
      return arrays;
    }
  }

  /** The entries in the order of their data, which must follow each other without a gap. */
  private static Map<String, Entry> entries(Path file, String json, long dataBytes) {
    Map<String, Entry> entries = new LinkedHashMap<>();
    try {
      JsonParser.parseString(json).getAsJsonObject().entrySet().stream()
          .filter(member -> !member.getKey().equals(METADATA))
          .map(member -> Map.entry(member.getKey(), entry(file, member)))
          .sorted(Comparator.comparingLong(member -> member.getValue().begin()))
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
    String dtype = json.get("dtype").getAsString();
    if (!dtype.equals("F32")) {
      throw malformed(file, "\"" + name + "\" as F32", dtype);
    }
    long[] shape = integers(json.get("shape"));
    long[] offsets = integers(json.get("data_offsets"));
    long bytes = Float.BYTES;
    for (long side : shape) {
      bytes = side < 0 ? -1 : Math.multiplyExact(bytes, side);
    }
    if (offsets.length != 2 || offsets[1] - offsets[0] != bytes) {
      throw malformed(
          file,
          "\"%s\" of shape %s in %d bytes".formatted(name, Arrays.toString(shape), bytes),
          Arrays.toString(offsets));
    }
    return new Entry(new Shape(shape), offsets[0], offsets[1]);
  }

  private static long[] integers(JsonElement array) {
    return array.getAsJsonArray().asList().stream()
        .mapToLong(number -> number.getAsBigDecimal().longValueExact())
        .toArray();
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

  private static ByteBuffer read(FileChannel in, long position, int bytes) {
    ByteBuffer buffer = littleEndian(bytes);
    try {
      while (buffer.hasRemaining() && in.read(buffer, position + buffer.position()) >= 0) {
        // read() may return less than asked for
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return buffer.flip();
  }

  private static void writeFully(FileChannel out, ByteBuffer buffer) throws IOException {
    while (buffer.hasRemaining()) {
      out.write(buffer);
    }
  }

  private static ByteBuffer littleEndian(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }
}
