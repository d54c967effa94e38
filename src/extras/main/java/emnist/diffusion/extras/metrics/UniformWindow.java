package emnist.diffusion.extras.metrics;

import emnist.diffusion.metrics.SsimWindow;
import java.util.Arrays;

/** Windows of equal weights for SSIM. */
public final class UniformWindow {

  private UniformWindow() {}

  /** A window of {@code size x size} equal weights. */
  public static SsimWindow of(int size) {
    return of(size, size);
  }

  /** A window of {@code height x width} equal weights. */
  public static SsimWindow of(int height, int width) {
    return new SsimWindow(taps(height), taps(width));
  }

  private static double[] taps(int size) {
    if (size < 1 || size % 2 == 0) {
      throw new IllegalArgumentException(
          "Expected an odd window size of at least 1, found %s. Use 11, as the paper does."
              .formatted(size));
    }
    double[] taps = new double[size];
    Arrays.fill(taps, 1.0 / size);
    return taps;
  }
}
