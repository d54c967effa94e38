package emnist.diffusion.metrics;

import java.util.Arrays;

/**
 * The window of SSIM's local means: the products of weights down the rows and weights along the
 * columns. Each set of weights adds up to 1 and has an odd length.
 */
public final class SsimWindow {

  private final double[] vertical;
  private final double[] horizontal;

  private SsimWindow(double[] vertical, double[] horizontal) {
    this.vertical = vertical;
    this.horizontal = horizontal;
  }

  /** A Gaussian window (Wang et al. 2004 use a sigma of 1.5 pixels, which gives 11 x 11 taps). */
  public static SsimWindow gaussian(double sigmaPixels) {
    return gaussian(sigmaPixels, sigmaPixels);
  }

  /** A Gaussian window of different widths down the rows and along the columns. */
  public static SsimWindow gaussian(double verticalSigmaPixels, double horizontalSigmaPixels) {
    return new SsimWindow(gaussianTaps(verticalSigmaPixels), gaussianTaps(horizontalSigmaPixels));
  }

  /** A window of {@code size x size} equal weights. */
  public static SsimWindow uniform(int size) {
    return uniform(size, size);
  }

  /** A window of {@code height x width} equal weights. */
  public static SsimWindow uniform(int height, int width) {
    return new SsimWindow(uniformTaps(height), uniformTaps(width));
  }

  /** Number of rows, odd. */
  public int height() {
    return vertical.length;
  }

  /** Number of columns, odd. */
  public int width() {
    return horizontal.length;
  }

  /**
   * Local means of a plane around every pixel, reflecting the plane at its edges.
   *
   * @param plane {@code height * width} values, row by row
   */
  double[] filter(double[] plane, int height, int width) {
    int padding = vertical.length / 2;
    double[][] rows = new double[height + 2 * padding][];
    for (int y = 0; y < height; y++) {
      rows[padding + y] = filterRow(plane, y * width, width);
    }
    for (int i = 1; i <= padding; i++) {
      rows[padding - i] = rows[padding + i];
      rows[padding + height - 1 + i] = rows[padding + height - 1 - i];
    }
    double[] filtered = new double[height * width];
    for (int y = 0; y < height; y++) {
      for (int tap = 0; tap < vertical.length; tap++) {
        double weight = vertical[tap];
        double[] row = rows[y + tap];
        for (int x = 0; x < width; x++) {
          filtered[y * width + x] += weight * row[x];
        }
      }
    }
    return filtered;
  }

  private double[] filterRow(double[] plane, int start, int width) {
    int padding = horizontal.length / 2;
    double[] padded = new double[width + 2 * padding];
    System.arraycopy(plane, start, padded, padding, width);
    for (int i = 1; i <= padding; i++) {
      padded[padding - i] = padded[padding + i];
      padded[padding + width - 1 + i] = padded[padding + width - 1 - i];
    }
    double[] filtered = new double[width];
    for (int tap = 0; tap < horizontal.length; tap++) {
      double weight = horizontal[tap];
      for (int x = 0; x < width; x++) {
        filtered[x] += weight * padded[x + tap];
      }
    }
    return filtered;
  }

  private static double[] uniformTaps(int size) {
    if (size < 1 || size % 2 == 0) {
      throw new IllegalArgumentException(
          "Expected an odd window size of at least 1, found %d. Use 11, as the paper does."
              .formatted(size));
    }
    double[] taps = new double[size];
    Arrays.fill(taps, 1.0 / size);
    return taps;
  }

  private static double[] gaussianTaps(double sigma) {
    if (!(sigma > 0)) {
      throw new IllegalArgumentException(
          "Expected a sigma above 0 pixels, found %s. Use 1.5, as the paper does."
              .formatted(sigma));
    }
    // torchmetrics cuts the Gaussian at 3.5 sigma, whatever kernel size it is given.
    int radius = (int) (3.5 * sigma + 0.5);
    double[] taps = new double[2 * radius + 1];
    double sum = 0;
    for (int i = 0; i < taps.length; i++) {
      double distance = (i - radius) / sigma;
      taps[i] = Math.exp(-distance * distance / 2);
      sum += taps[i];
    }
    for (int i = 0; i < taps.length; i++) {
      taps[i] /= sum;
    }
    return taps;
  }
}
