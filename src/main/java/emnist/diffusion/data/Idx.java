package emnist.diffusion.data;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/**
 * Reads IDX files of unsigned bytes, gzipped or not, as their first bytes say.
 *
 * <p>The format (LeCun, Cortes, Burges, "The MNIST database of handwritten digits"): two zero
 * bytes, the type 8 for unsigned bytes, the number of dimensions, each dimension as a big-endian
 * 32-bit integer, then the bytes. Reading throws an {@link IOException} that names the file if it
 * is anything else or does not fit the Java heap.
 */
public final class Idx {

  /**
   * Grey images as a file stores them.
   *
   * @param pixels {@code (count, rows, columns)} unsigned bytes, not copied
   */
  public record Images(int count, int rows, int columns, byte[] pixels) {

    public Images {
      if (count < 0 || rows < 1 || columns < 1 || pixels.length != (long) count * rows * columns) {
        throw new IllegalArgumentException(
            "Expected %s x %s x %s pixels, found %s. Pass one byte per pixel."
                .formatted(count, rows, columns, pixels.length));
      }
    }
  }

  private static final int UNSIGNED_BYTES = 8 << 8;
  private static final int MAX_PIXELS_PER_IMAGE = 1 << 24;

  /** The most bytes that one byte of a deflate stream stands for: 258 for two bits. */
  private static final int MAX_INFLATION = 1032;

  private Idx() {}

  /** Reads an {@code idx3-ubyte} file of images of at most 2^24 pixels. */
  public static Images readImages(Path file) throws IOException {
    return readImages(DataFile.of(file));
  }

  static Images readImages(DataFile file) throws IOException {
    int[] shape = new int[3];
    byte[] pixels = read(file, shape);
    String size = shape[1] + " x " + shape[2];
    if (shape[1] < 1 || shape[2] < 1) {
      throw damaged(file, "images of at least one pixel", size);
    }
    if ((long) shape[1] * shape[2] > MAX_PIXELS_PER_IMAGE) {
      throw damaged(file, "images of at most %s pixels".formatted(MAX_PIXELS_PER_IMAGE), size);
    }
    return new Images(shape[0], shape[1], shape[2], pixels);
  }

  /** Reads an {@code idx1-ubyte} file. */
  public static byte[] readLabels(Path file) throws IOException {
    return readLabels(DataFile.of(file));
  }

  static byte[] readLabels(DataFile file) throws IOException {
    return read(file, new int[1]);
  }

  private static byte[] read(DataFile file, int[] shape) throws IOException {
    try (InputStream unpacked = file.open();
        DataInputStream in = new DataInputStream(unpacked)) {
      int expected = UNSIGNED_BYTES + shape.length;
      int magic = in.readInt();
      if (magic != expected) {
        String form = "the magic number %s (%s-dimensional unsigned bytes)";
        throw damaged(file, form.formatted(expected, shape.length), magic);
      }
      long bytes = 1;
      for (int i = 0; i < shape.length; i++) {
        shape[i] = in.readInt();
        bytes *= shape[i];
        if (shape[i] < 0 || bytes > Integer.MAX_VALUE) {
          throw damaged(file, "at most 2 GiB of data", "a header that announces more");
        }
      }
      int headerBytes = Integer.BYTES * (1 + shape.length);
      return payload(file, unpacked, (int) bytes, headerBytes);
    } catch (EOFException e) {
      throw damaged(file, "a complete file", "one that ends too early");
    } catch (ZipException e) {
      throw damaged(file, "an intact gzip file", "\"" + e.getMessage() + "\"");
    } catch (StackOverflowError e) {
      // GZIPInputStream calls itself for each part that holds no data.
      throw damaged(file, "a gzip file of one part", "thousands of empty ones");
    }
  }

  private static byte[] payload(DataFile file, InputStream in, int bytes, int headerBytes)
      throws IOException {
    String expected = bytes + " bytes after the header";
    boolean isGzip = in instanceof GZIPInputStream;
    long size = file.size();
    long most = isGzip ? size * MAX_INFLATION : size - headerBytes;
    // Checked before memory is taken for bytes that cannot come.
    if (bytes > most) {
      String tooFew = size + " bytes in all, gzipped, too few for that";
      throw damaged(file, expected, isGzip ? tooFew : most);
    }
    byte[] data;
    try {
      data = new byte[bytes];
    } catch (OutOfMemoryError e) {
      throw new IOException(
          "Expected room for the %s bytes of %s, found less in a Java heap of %s. Start Java with a larger -Xmx."
              .formatted(bytes, file.label(), Runtime.getRuntime().maxMemory()),
          e);
    }
    int read = in.readNBytes(data, 0, bytes);
    if (read < bytes || in.read() >= 0) {
      throw damaged(file, expected, read < bytes ? read : "more");
    }
    return data;
  }

  private static IOException damaged(DataFile file, String expected, Object found) {
    return new IOException(
        "Expected %s in %s, found %s. Fetch the file again."
            .formatted(expected, file.label(), found));
  }
}
