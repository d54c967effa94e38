package emnist.diffusion.data;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipException;

/**
 * Reads and writes IDX files of unsigned bytes, gzipped when their name ends in {@code .gz}.
 *
 * <p>The format (LeCun, Cortes, Burges, "The MNIST database of handwritten digits"): two zero
 * bytes, the type 8 for unsigned bytes, the number of dimensions, each dimension as a big-endian
 * 32-bit integer, then the bytes. Every method that reads throws an {@link IOException} with one
 * sentence that names the file if it is not exactly that.
 */
public final class Idx {

  private static final int UNSIGNED_BYTES = 8 << 8;
  private static final int BUFFER_BYTES = 1 << 16;

  private Idx() {}

  /** Reads an {@code idx3-ubyte} file. */
  public static IdxImages readImages(Path file) throws IOException {
    int[] shape = new int[3];
    byte[] pixels = read(file, shape);
    if (shape[1] < 1 || shape[2] < 1) {
      throw damaged(file, "images of at least one pixel", shape[1] + " x " + shape[2]);
    }
    return new IdxImages(shape[0], shape[1], shape[2], pixels);
  }

  /** Reads an {@code idx1-ubyte} file. */
  public static byte[] readLabels(Path file) throws IOException {
    return read(file, new int[1]);
  }

  /** Writes an {@code idx3-ubyte} file, replacing it if it exists. */
  public static void writeImages(Path file, IdxImages images) throws IOException {
    write(file, images.pixels(), images.count(), images.rows(), images.columns());
  }

  /** Writes an {@code idx1-ubyte} file, replacing it if it exists. */
  public static void writeLabels(Path file, byte[] labels) throws IOException {
    write(file, labels, labels.length);
  }

  /** A file's path for messages; inside an archive together with the archive's own. */
  static String name(Path file) {
    return file.getFileSystem() == FileSystems.getDefault()
        ? file.toString()
        : file.getFileSystem() + "!" + file;
  }

  private static byte[] read(Path file, int[] shape) throws IOException {
    try (DataInputStream in = new DataInputStream(open(file))) {
      int magic = in.readInt();
      if (magic != UNSIGNED_BYTES + shape.length) {
        throw damaged(
            file,
            "the magic number %d (%d-dimensional unsigned bytes)"
                .formatted(UNSIGNED_BYTES + shape.length, shape.length),
            String.valueOf(magic));
      }
      long bytes = 1;
      for (int i = 0; i < shape.length; i++) {
        shape[i] = in.readInt();
        bytes *= shape[i];
        if (shape[i] < 0 || bytes > Integer.MAX_VALUE) {
          throw damaged(file, "at most 2 GiB of data", "a header that announces more");
        }
      }
      return payload(file, in, (int) bytes);
    } catch (EOFException e) {
      throw damaged(file, "a complete file", "one that ends too early");
    } catch (ZipException e) {
      throw damaged(file, "an intact gzip file", "\"" + e.getMessage() + "\"");
    }
  }

  private static byte[] payload(Path file, InputStream in, int bytes) throws IOException {
    // Unlike new byte[bytes], this takes memory as the data comes, not as a broken header says.
    byte[] data = in.readNBytes(bytes);
    if (data.length < bytes) {
      throw damaged(file, bytes + " bytes after the header", String.valueOf(data.length));
    }
    if (in.read() >= 0) {
      throw damaged(file, bytes + " bytes after the header", "more");
    }
    return data;
  }

  private static InputStream open(Path file) throws IOException {
    InputStream in = Files.newInputStream(file);
    if (!file.toString().endsWith(".gz")) {
      return new BufferedInputStream(in, BUFFER_BYTES);
    }
    try {
      return new GZIPInputStream(in, BUFFER_BYTES);
    } catch (IOException e) {
      in.close();
      throw e;
    }
  }

  private static IOException damaged(Path file, String expected, String found) {
    return new IOException(
        "Expected %s in %s, found %s. Fetch the file again."
            .formatted(expected, name(file), found));
  }

  private static void write(Path file, byte[] data, int... shape) throws IOException {
    try (OutputStream out = Files.newOutputStream(file);
        DataOutputStream idx =
            new DataOutputStream(
                file.toString().endsWith(".gz") ? new GZIPOutputStream(out, BUFFER_BYTES) : out)) {
      idx.writeInt(UNSIGNED_BYTES + shape.length);
      for (int size : shape) {
        idx.writeInt(size);
      }
      idx.write(data);
    }
  }
}
