package emnist.diffusion.metrics;

import emnist.diffusion.image.ImageBatch;

/**
 * The window of SSIM's local means: the products of weights down the rows and weights along the
 * columns. Each set of weights adds up to 1, has an odd length and is not copied.
 */
public record SsimWindow(double[] vertical, double[] horizontal) {

  /** A Gaussian window (Wang et al. 2004 use sigmas of 1.5 pixels, which gives 11 x 11 taps). */
  public static SsimWindow gaussian(double verticalSigmaPixels, double horizontalSigmaPixels) {
    return new SsimWindow(gaussianTaps(verticalSigmaPixels), gaussianTaps(horizontalSigmaPixels));
  }

  /** Number of rows, odd. */
  public int height() {
    return vertical.length;
  }

  /** Number of columns, odd. */
  public int width() {
    return horizontal.length;
  }

  /** Refuses images of fewer pixels than a comparison through this window needs. */
  public void requireSize(ImageBatch images, int minHeight, int minWidth) {
    if (images.height() < minHeight || images.width() < minWidth) {
      throw new IllegalArgumentException(
          "Expected images of at least %s x %s pixels for this window, found %s x %s. Use a narrower window."
              .formatted(minHeight, minWidth, images.height(), images.width()));
    }
  }

  /**
   * Local means of a plane around every pixel, reflecting the plane at its edges.
   *
   * @param plane {@code height * width} values, row by row
   */
  double[] filter(double[] plane, int height, int width) {
    double[] filtered = plane.clone();
    for (int row = 0; row < height; row++) {
      filterLine(filtered, row * width, 1, width, horizontal);
    }
    for (int column = 0; column < width; column++) {
      filterLine(filtered, column, width, height, vertical);
    }
    return filtered;
  }

  /** Replaces the {@code length} values at {@code start}, {@code start + stride} and so on. */
  private static void filterLine(
      double[] plane, int start, int stride, int length, double[] weights) {
    int padding = weights.length / 2;
    double[] padded = new double[length + 2 * padding];
    for (int i = 0; i < length; i++) {
      padded[padding + i] = plane[start + i * stride];
    }
    for (int i = 1; i <= padding; i++) {
      padded[padding - i] = padded[padding + i];
      padded[padding + length - 1 + i] = padded[padding + length - 1 - i];
    }
    double[] means = new double[length];
    for (int tap = 0; tap < weights.length; tap++) {
      double weight = weights[tap];
      for (int i = 0; i < length; i++) {
        means[i] += weight * padded[i + tap];
      }
    }
    for (int i = 0; i < length; i++) {
      plane[start + i * stride] = means[i];
    }
  }

  private static double[] gaussianTaps(double sigma) {
    if (!(sigma > 0 && sigma <= 1000)) {
      throw new IllegalArgumentException(
          "Expected a sigma above 0 and of at most 1000 pixels, found %s. Use 1.5, as the paper does."
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
