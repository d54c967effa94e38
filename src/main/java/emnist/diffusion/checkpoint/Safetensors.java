package emnist.diffusion.checkpoint;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import emnist.diffusion.checkpoint.SafetensorsHeader.Dtype;
import emnist.diffusion.files.AtomicFiles;
import emnist.diffusion.files.Sha256;
import emnist.diffusion.torch.StoredNumbers;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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

  /** Numbers handled at a time: enough to make calls cheap, few enough to need little memory. */
  private static final int CHUNK = 1 << 20;

  /** Bytes between two flushes while writing: the disk is to be busy from the start. */
  private static final long FLUSH = 64 << 20;

  /** Takes the data of an array, piece after piece, each a flat view. */
  private interface Pieces<E extends Exception> {
    void accept(String name, NDArray piece) throws E;
  }

  private Safetensors() {}

  /** As {@link #write(Path, Map, SavePrecision)}, in float32. */
  public static Fingerprint write(Path file, Map<String, NDArray> arrays) throws IOException {
    return write(file, arrays, SavePrecision.FLOAT32);
  }

  /**
   * Writes {@code arrays} in their order; equal arrays give equal bytes. Its end is not flushed to
   * the disk: {@link AtomicFiles} does that.
   *
   * @param file must not exist
   * @return what was written, hashed on the way
   * @throws IllegalArgumentException if an array is not float32, has a name or shape that {@link
   *     #read} refuses, or holds a number that is too large for the precision; there is then no
   *     file
   */
  public static Fingerprint write(Path file, Map<String, NDArray> arrays, SavePrecision precision)
      throws IOException {
    boolean half = precision == SavePrecision.FLOAT16;
    ByteBuffer header = SafetensorsHeader.describe(arrays, half ? Dtype.F16 : Dtype.F32);
    if (half) {
      forEachPiece(arrays, Safetensors::requireFloat16Range);
    }
    Sha256 sha256 = new Sha256();
    try (FileChannel out =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      write(out, header, sha256);
      forEachPiece(
          arrays,
          (name, piece) -> {
            NDArray stored = half ? StoredNumbers.encodeFloat16(piece) : piece;
            write(out, stored.toByteBuffer(true), sha256);
          });
      return new Fingerprint(out.position(), sha256.hex());
    } catch (FileSystemException e) {
      throw e; // names the file already
    } catch (IOException e) {
      throw AtomicFiles.failure(file, file, e);
    }
  }

  /** Writes and hashes the bytes that remain, and flushes from time to time. */
  private static void write(FileChannel out, ByteBuffer bytes, Sha256 sha256) throws IOException {
    sha256.add(bytes.duplicate());
    long before = out.position();
    while (bytes.hasRemaining()) {
      out.write(bytes);
    }
    if (before / FLUSH != out.position() / FLUSH) {
      out.force(false);
    }
  }

  private static void requireFloat16Range(String name, NDArray values) {
    try (NDArray beyond = StoredNumbers.beyondFloat16(values)) {
      if (beyond.size() > 0) {
        throw new IllegalArgumentException(
            "Expected \"%s\" within float16's range of -65504 to 65504, found %s. Save as float32."
                .formatted(name, beyond.getFloat(0)));
      }
    }
  }

  /**
   * The SHA-256, in hexadecimal, of the file that {@link #write(Path, Map)} makes of {@code
   * arrays}.
   *
   * @throws IllegalArgumentException if an array is not float32
   */
  public static String sha256(Map<String, NDArray> arrays) {
    Sha256 sha256 = new Sha256().add(SafetensorsHeader.describe(arrays, Dtype.F32));
    forEachPiece(arrays, (name, piece) -> sha256.add(piece.toByteBuffer(true)));
    return sha256.hex();
  }

  private static <E extends Exception> void forEachPiece(
      Map<String, NDArray> arrays, Pieces<E> action) throws E {
    for (Map.Entry<String, NDArray> named : arrays.entrySet()) {
      NDArray array = named.getValue();
      try (NDManager scope = array.getManager().newSubManager()) {
        NDArray flat = array.reshape(-1);
        flat.attach(scope);
        for (long from = 0; from < array.size(); from += CHUNK) {
          long to = Math.min(from + CHUNK, array.size());
          // Owns all that a piece leads to, a copy off the device included.
          try (NDManager step = scope.newSubManager()) {
            NDArray piece = flat.get(new NDIndex().addSliceDim(from, to));
            piece.attach(step);
            action.accept(named.getKey(), piece);
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
      List<SafetensorsHeader.Entry> entries = SafetensorsHeader.read(file, in);
      ByteBuffer raw = ByteBuffer.allocateDirect((int) Math.min(CHUNK * Long.BYTES, in.size()));
      for (SafetensorsHeader.Entry entry : entries) {
        Dtype dtype = entry.dtype();
        NDArray array = manager.create(entry.shape(), dtype.readAs);
        forEachPiece(
            Map.of(entry.name(), array),
            (unused, piece) -> {
              fill(raw.clear().limit((int) piece.size() * dtype.bytes), in);
              StoredNumbers.decode(piece, raw, dtype.torchType);
            });
        action.accept(entry.name(), array);
      }
    }
  }

  /** The names of a file's arrays; see {@link #read} for what is refused. */
  static List<String> names(Path file) throws IOException {
    try (FileChannel in = open(file)) {
      return SafetensorsHeader.read(file, in).stream().map(SafetensorsHeader.Entry::name).toList();
    }
  }

  private static FileChannel open(Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new IllegalArgumentException(
          "Expected a safetensors file at %s, found none. Check the path.".formatted(file));
    }
    return FileChannel.open(file, StandardOpenOption.READ);
  }

  /** Fills and flips a buffer with what comes next in the file. */
  static ByteBuffer fill(ByteBuffer buffer, FileChannel in) throws IOException {
    while (buffer.hasRemaining()) {
      if (in.read(buffer) < 0) {
        throw new EOFException("The file became shorter while it was read.");
      }
    }
    return buffer.flip();
  }
}
