package emnist.diffusion.extras.metrics;

import emnist.diffusion.image.ImageBatch;
import emnist.diffusion.metrics.StructuralSimilarity;

/**
 * SSIM with the values of torchmetrics' {@code data_range} besides a number: a lowest and a highest
 * value, or none. For a number use {@link StructuralSimilarity} itself.
 */
public final class DataRange {

  private final double low;
  private final double high;

  private DataRange(double low, double high) {
    this.low = low;
    this.high = high;
  }

  /** From {@code low} to {@code high}; pixels beyond are cut off first. */
  public static DataRange clamping(double low, double high) {
    if (!(low < high && high - low < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "Expected a data range from a lower to a higher value, found %s to %s. Pass -1 and 1 for pixels in [-1, 1]."
              .formatted(low, high));
    }
    return new DataRange(low, high);
  }

  /**
   * What each batch shows: the larger of its images' and its references' spread of values.
   *
   * <p>Numbers then depend on how images are put into batches, so this is only for comparing with
   * numbers made without a data range.
   */
  public static DataRange ofEachBatch() {
    return new DataRange(Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY);
  }

  /**
   * SSIM of each image, with the paper's window and constants.
   *
   * @throws IllegalArgumentException as {@link StructuralSimilarity#perImage}; or if the data range
   *     is taken from pixels that are all of one value
   */
  public double[] perImage(ImageBatch images, ImageBatch references) {
    return new StructuralSimilarity(width(images, references))
        .perImage(clamp(images), clamp(references));
  }

  private double width(ImageBatch images, ImageBatch references) {
    if (high < Double.POSITIVE_INFINITY) {
      return high - low;
    }
    double spread = Math.max(spread(images.pixels()), spread(references.pixels()));
    if (!(spread > 0)) {
      throw new IllegalArgumentException(
          "Expected pixels of different values to take the data range from, found none in %s images. Pass the data range."
              .formatted(images.n()));
    }
    return spread;
  }

  private ImageBatch clamp(ImageBatch images) {
    float[] pixels = images.pixels().clone();
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (float) Math.max(low, Math.min(high, pixels[i]));
    }
    return new ImageBatch(pixels, images.n(), images.channels(), images.height(), images.width());
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
