package emnist.diffusion.checkpoint;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import emnist.diffusion.files.Sha256;
import emnist.diffusion.torch.Functional;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;

/**
 * Files of named arrays in Hugging Face's safetensors format: the length of a JSON header, the
 * header, the data.
 *
 * <p>Nothing in such a file is executed. Data is read, converted and written a few megabytes at a
 * time, so that a file of any size needs no memory beyond its arrays. An array has at most 2^31 - 1
 * numbers.
 */
public final class Safetensors {

  /** Numbers dealt with at a time: enough to make calls cheap, few enough to need no memory. */
  private static final int CHUNK = 1 << 20;

  /** Takes the data of a file, piece after piece. */
  @FunctionalInterface
  private interface Sink<E extends Exception> {
    void accept(ByteBuffer bytes) throws E;
  }

  private Safetensors() {}

  /**
   * Writes {@code arrays} in their order, as float32; equal arrays give equal bytes.
   *
   * @param file must not exist
   * @throws IllegalArgumentException if an array is not float32; there is then no file
   */
  public static void write(Path file, Map<String, NDArray> arrays) throws IOException {
    write(file, arrays, SavePrecision.FLOAT32);
  }

  /**
   * Writes {@code arrays} in their order; equal arrays give equal bytes.
   *
   * @param file must not exist
   * @throws IllegalArgumentException if an array is not float32, or holds a number that is too
   *     large for the precision; there is then no file
   */
  public static void write(Path file, Map<String, NDArray> arrays, SavePrecision precision)
      throws IOException {
    ByteBuffer header = SafetensorsHeader.describe(arrays, precision.dtype());
    if (precision != SavePrecision.FLOAT32) {
      // Finds the numbers that are too large before there is a file.
      sendData(arrays, precision, bytes -> {});
    }
    try (FileChannel out =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      writeFully(out, header);
      sendData(arrays, precision, bytes -> writeFully(out, bytes));
      out.force(true);
    }
  }

  /**
   * The SHA-256 of the file that {@link #write(Path, Map)} makes of {@code arrays}, in hexadecimal:
   * what {@code sha256sum} says of it.
   *
   * @throws IllegalArgumentException if an array is not float32
   */
  public static String sha256(Map<String, NDArray> arrays) {
    Sha256 sha256 = new Sha256().add(SafetensorsHeader.describe(arrays, SafetensorsDtype.F32));
    sendData(arrays, SavePrecision.FLOAT32, sha256::add);
    return sha256.hex();
  }

  private static <E extends Exception> void sendData(
      Map<String, NDArray> arrays, SavePrecision precision, Sink<E> sink) throws E {
    for (Map.Entry<String, NDArray> named : arrays.entrySet()) {
      NDArray array = named.getValue();
      try (NDManager scope = array.getManager().newSubManager()) {
        NDArray flat = array.reshape(-1);
        flat.attach(scope);
        for (long from = 0; from < array.size(); from += CHUNK) {
          try (NDArray chunk = flat.get(chunk(from, array.size()))) {
            sink.accept(precision.encode(named.getKey(), chunk.toByteBuffer(false)));
          }
        }
      }
    }
  }

  /**
   * Reads all arrays of a file: I64 as int64; F32, F16, BF16 and F64 as float32, F64 rounded to it.
   *
   * @param manager owner of the arrays; its device is theirs
   * @return the arrays in the order of their data
   * @throws IllegalArgumentException if the file is not a well-formed safetensors file, or has
   *     another type of number in it
   */
  public static Map<String, NDArray> read(NDManager manager, Path file) throws IOException {
    Map<String, NDArray> arrays = new LinkedHashMap<>();
    forEach(manager, file, arrays::put);
    return arrays;
  }

  /** As {@link #read}, one array after the other; each is the action's to close. */
  static void forEach(NDManager manager, Path file, BiConsumer<String, NDArray> action)
      throws IOException {
    try (FileChannel in = open(file)) {
      SafetensorsHeader header = SafetensorsHeader.read(file, in);
      long largest =
          header.entries().values().stream().mapToLong(e -> e.shape().size()).max().orElse(0);
      int capacity = (int) Math.min(CHUNK, largest) * Long.BYTES;
      ByteBuffer raw = ByteBuffer.allocateDirect(capacity).order(ByteOrder.LITTLE_ENDIAN);
      ByteBuffer converted = ByteBuffer.allocateDirect(capacity).order(ByteOrder.LITTLE_ENDIAN);
      for (Map.Entry<String, SafetensorsHeader.Entry> named : header.entries().entrySet()) {
        SafetensorsHeader.Entry entry = named.getValue();
        SafetensorsDtype dtype = entry.dtype();
        NDArray array = manager.create(entry.shape(), dtype.readAs());
        long position = header.dataStart() + entry.begin();
        try (NDArray flat = array.reshape(-1)) {
          for (long from = 0; from < array.size(); from += CHUNK) {
            int length = (int) Math.min(CHUNK, array.size() - from);
            raw.clear().limit(length * dtype.bytes());
            readFully(in, position + from * dtype.bytes(), raw);
            ByteBuffer values = dtype.convert(raw, converted);
            try (NDArray source = manager.create(values, new Shape(length), dtype.readAs());
                NDArray target = flat.get(chunk(from, array.size()))) {
              Functional.copyInPlace(target, source);
            }
          }
        }
        action.accept(named.getKey(), array);
      }
    }
  }

  /** The names of a file's arrays; see {@link #read} for what is refused. */
  static Set<String> names(Path file) throws IOException {
    try (FileChannel in = open(file)) {
      return SafetensorsHeader.read(file, in).entries().keySet();
    }
  }

  private static FileChannel open(Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new IllegalArgumentException(
          "Expected a safetensors file at %s, found none. Check the path.".formatted(file));
    }
    return FileChannel.open(file, StandardOpenOption.READ);
  }

  /** Fills {@code buffer} from {@code position} of the file on, and flips it. */
  static void readFully(FileChannel in, long position, ByteBuffer buffer) throws IOException {
    while (buffer.hasRemaining()) {
      if (in.read(buffer, position + buffer.position()) < 0) {
        throw new EOFException("The file became shorter while it was read.");
      }
    }
    buffer.flip();
  }

  private static void writeFully(FileChannel out, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      out.write(bytes);
    }
  }

  private static NDIndex chunk(long from, long size) {
    return new NDIndex().addSliceDim(from, Math.min(from + CHUNK, size));
  }
}
