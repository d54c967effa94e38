package emnist.diffusion.extras.metrics;

import emnist.diffusion.metrics.FeatureStatistics;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * Stores {@link FeatureStatistics} in a file, to be merged with others later: a NumPy array ({@code
 * .npy}) of float64.
 *
 * <p>For features of length D it has D + 1 rows and columns. Element (0, 0) is the number of
 * vectors n, the rest of the first row and column their mean, and the other elements the sum of
 * {@code (x - mean)(x - mean)^T}, which is n - 1 times the covariance.
 */
public final class StatisticsFile {

  private static final int HEADER_BYTES = 128;

  /** The largest number up to which float64 holds every integer. */
  private static final double MAX_SAMPLES = 0x1p53;

  private StatisticsFile() {}

  /** Size in bytes of the file for features of that length. */
  public static long bytes(int dimension) {
    long side = dimension + 1L;
    return HEADER_BYTES + side * side * Double.BYTES;
  }

  /** Writes a file, replacing it if it exists; equal statistics give equal bytes. */
  public static void write(Path file, FeatureStatistics statistics) throws IOException {
    int dimension = statistics.dimension();
    double[] mean = statistics.mean();
    double[] scatter = statistics.scatter();
    ByteBuffer bytes = littleEndian(Math.toIntExact(bytes(dimension)));
    bytes.put(header(dimension)).putDouble(statistics.samples());
    for (double value : mean) {
      bytes.putDouble(value);
    }
    for (int row = 0; row < dimension; row++) {
      bytes.putDouble(mean[row]);
      for (int column = 0; column < dimension; column++) {
        bytes.putDouble(scatter[row * dimension + column]);
      }
    }
    Files.write(file, bytes.array());
  }

  /**
   * Reads a file.
   *
   * @throws IOException with one sentence that names the file if it is missing or is not exactly
   *     what {@link #write} writes, or is larger than an eighth of the Java heap
   */
  public static FeatureStatistics read(Path file) throws IOException {
    long size = Files.size(file);
    // Leaves room for the bytes, the numbers, and calculations with them.
    long limit = Math.min(Runtime.getRuntime().maxMemory() / 8, Integer.MAX_VALUE - HEADER_BYTES);
    int dimension = (int) Math.sqrt((double) (size - HEADER_BYTES) / Double.BYTES) - 1;
    if (dimension < 1 || size != bytes(dimension) || size > limit) {
      throw damaged(file, size + " bytes");
    }
    ByteBuffer bytes = littleEndian(readNBytes(file, (int) size));
    byte[] header = new byte[HEADER_BYTES];
    bytes.get(header);
    if (!Arrays.equals(header, header(dimension))) {
      throw damaged(file, "a different header");
    }
    double samples = bytes.getDouble();
    double[] mean = doubles(file, bytes, dimension);
    double[] scatter = new double[dimension * dimension];
    for (int row = 0; row < dimension; row++) {
      bytes.getDouble();
      System.arraycopy(doubles(file, bytes, dimension), 0, scatter, row * dimension, dimension);
    }
    if (!(samples >= 0) || samples != Math.rint(samples) || samples > MAX_SAMPLES) {
      throw damaged(file, samples + " vectors");
    }
    return new FeatureStatistics((long) samples, mean, scatter);
  }

  private static byte[] readNBytes(Path file, int size) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes(size);
      if (bytes.length < size) {
        throw damaged(file, bytes.length + " bytes");
      }
      return bytes;
    }
  }

  private static double[] doubles(Path file, ByteBuffer bytes, int count) throws IOException {
    double[] values = new double[count];
    for (int i = 0; i < count; i++) {
      values[i] = bytes.getDouble();
      if (!Double.isFinite(values[i])) {
        throw damaged(file, "the number " + values[i]);
      }
    }
    return values;
  }

  /** Version 1.0 of the format: what {@code numpy.save} writes. */
  private static byte[] header(int dimension) {
    String shape =
        "{'descr': '<f8', 'fortran_order': False, 'shape': (%s, %s), }"
            .formatted(dimension + 1, dimension + 1);
    byte[] header = new byte[HEADER_BYTES];
    Arrays.fill(header, (byte) ' ');
    header[HEADER_BYTES - 1] = '\n';
    littleEndian(header)
        .put(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0})
        .putShort((short) (HEADER_BYTES - 10))
        .put(shape.getBytes(StandardCharsets.US_ASCII));
    return header;
  }

  private static IOException damaged(Path file, String found) {
    return new IOException(
        "Expected the statistics of feature vectors in %s, found %s. Remove the file and generate it again."
            .formatted(file, found));
  }

  private static ByteBuffer littleEndian(int capacity) {
    return littleEndian(new byte[capacity]);
  }

  private static ByteBuffer littleEndian(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }
}
