package emnist.diffusion.metrics;

import emnist.diffusion.image.ImageBatch;

/**
 * How far apart two pixels can lie, which SSIM measures differences against: torchmetrics' {@code
 * data_range}.
 */
public final class DataRange {

  /** Not a number where each batch is asked. */
  private final double width;

  private final double low;
  private final double high;

  private DataRange(double width, double low, double high) {
    this.width = width;
    this.low = low;
    this.high = high;
  }

  /**
   * Largest minus smallest value a pixel can have; pixels are taken as they are.
   *
   * @param width 2 for pixels in {@code [-1, 1]}
   */
  public static DataRange of(double width) {
    if (!(width > 0 && width < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "Expected a data range above 0, found %s. Pass 2 for pixels in [-1, 1], 1 for [0, 1]."
              .formatted(width));
    }
    return new DataRange(width, Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY);
  }

  /** From {@code low} to {@code high}; pixels beyond are cut off first. */
  public static DataRange clamping(double low, double high) {
    if (!(low < high && high - low < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "Expected a data range from a lower to a higher value, found %s to %s. Pass -1 and 1 for pixels in [-1, 1]."
              .formatted(low, high));
    }
    return new DataRange(high - low, low, high);
  }

  /**
   * What each batch shows: the larger of its images' and its references' spread of values.
   *
   * <p>Numbers then depend on how images are put into batches, so this is only for comparing with
   * numbers made without a data range.
   */
  public static DataRange ofEachBatch() {
    return new DataRange(Double.NaN, Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY);
  }

  double width(ImageBatch images, ImageBatch references) {
    if (!Double.isNaN(width)) {
      return width;
    }
    double spread = Math.max(spread(images.pixels()), spread(references.pixels()));
    if (!(spread > 0)) {
      throw new IllegalArgumentException(
          "Expected pixels of different values to take the data range from, found none in %d images. Pass the data range."
              .formatted(images.n()));
    }
    return spread;
  }

  double clamp(double pixel) {
    return Math.max(low, Math.min(high, pixel));
  }

  private static double spread(float[] pixels) {
    double smallest = Double.POSITIVE_INFINITY;
    double largest = Double.NEGATIVE_INFINITY;
    for (float pixel : pixels) {
      smallest = Math.min(smallest, pixel);
      largest = Math.max(largest, pixel);
    }
    return largest - smallest;
  }
}
