package emnist.diffusion.extras.data;

import emnist.diffusion.data.Idx;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPOutputStream;

/** Writes what {@link Idx} reads, gzipped when the name ends in {@code .gz}. */
public final class IdxWriter {

  private IdxWriter() {}

  /** Writes an {@code idx3-ubyte} file, replacing it if it exists. */
  public static void writeImages(Path file, Idx.Images images) throws IOException {
    write(file, images.pixels(), images.count(), images.rows(), images.columns());
  }

  /** Writes an {@code idx1-ubyte} file, replacing it if it exists. */
  public static void writeLabels(Path file, byte[] labels) throws IOException {
    write(file, labels, labels.length);
  }

  private static void write(Path file, byte[] data, int... shape) throws IOException {
    boolean gzip = file.toString().endsWith(".gz");
    try (OutputStream out = Files.newOutputStream(file);
        DataOutputStream idx =
            new DataOutputStream(gzip ? new GZIPOutputStream(out, 1 << 16) : out)) {
      idx.writeInt((8 << 8) + shape.length);
      for (int size : shape) {
        idx.writeInt(size);
      }
      idx.write(data);
    }
  }
}
