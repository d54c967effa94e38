package emnist.diffusion.metrics;

import emnist.diffusion.image.ImageBatch;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Structural similarity (SSIM) of images and their references, 1 for equal images (Wang et al.
 * 2004, equation 13). The numbers are those of torchmetrics 1.9, which averages over the whole
 * image, reflected at its edges.
 */
public final class StructuralSimilarity {

  /**
   * The two factors of the similarity around every pixel, each {@code (N, C, H, W)}.
   *
   * @param luminance compares brightness
   * @param contrast compares contrast and structure
   */
  public record Factors(double[] luminance, double[] contrast) {}

  private final SsimWindow window;
  private final double c1;
  private final double c2;

  /**
   * SSIM with the paper's window and constants.
   *
   * @param dataRange largest minus smallest value a pixel can have: 2 for pixels in {@code [-1, 1]}
   */
  public StructuralSimilarity(double dataRange) {
    this(dataRange, SsimWindow.gaussian(1.5, 1.5), 0.01, 0.03);
  }

  /**
   * SSIM with other settings.
   *
   * @param window weights of the local means
   * @param k1 steadies the comparison of means, small against 1
   * @param k2 steadies the comparison of variances, small against 1
   */
  public StructuralSimilarity(double dataRange, SsimWindow window, double k1, double k2) {
    if (!(dataRange > 0 && dataRange < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "Expected a data range above 0, found %s. Pass 2 for pixels in [-1, 1], 1 for [0, 1]."
              .formatted(dataRange));
    }
    this.window = window;
    this.c1 = k1 * dataRange * (k1 * dataRange);
    this.c2 = k2 * dataRange * (k2 * dataRange);
  }

  /** The window of its local means. */
  public SsimWindow window() {
    return window;
  }

  /**
   * SSIM of each image.
   *
   * @throws IllegalArgumentException if the shapes differ or the images are smaller than half the
   *     window
   */
  public double[] perImage(ImageBatch images, ImageBatch references) {
    double[] map = similarityMap(images, references);
    double[] sums = new double[images.n()];
    for (int i = 0; i < map.length; i++) {
      sums[i / images.pixelsPerImage()] += map[i];
    }
    return Arrays.stream(sums).map(sum -> sum / images.pixelsPerImage()).toArray();
  }

  /** SSIM around every pixel, {@code (N, C, H, W)}. */
  public double[] similarityMap(ImageBatch images, ImageBatch references) {
    Factors factors = factors(images, references);
    return product(factors.luminance(), factors.contrast());
  }

  /** The factors of {@link #similarityMap}. */
  public Factors factors(ImageBatch images, ImageBatch references) {
    requireComparable(images, references);
    int pixels = images.pixels().length;
    Factors factors = new Factors(new double[pixels], new double[pixels]);
    int planeSize = images.height() * images.width();
    for (int start = 0; start < pixels; start += planeSize) {
      comparePlane(images, references, start, factors);
    }
    return factors;
  }

  private void comparePlane(ImageBatch images, ImageBatch references, int start, Factors factors) {
    double[] x = plane(images, start);
    double[] y = plane(references, start);
    double[] meanX = filter(x, images);
    double[] meanY = filter(y, images);
    double[] meanXX = filter(product(x, x), images);
    double[] meanYY = filter(product(y, y), images);
    double[] meanXY = filter(product(x, y), images);
    for (int i = 0; i < x.length; i++) {
      double squareX = meanX[i] * meanX[i];
      double squareY = meanY[i] * meanY[i];
      double varianceX = Math.max(0, meanXX[i] - squareX);
      double varianceY = Math.max(0, meanYY[i] - squareY);
      double covariance = meanXY[i] - meanX[i] * meanY[i];
      factors.luminance()[start + i] = (2 * meanX[i] * meanY[i] + c1) / (squareX + squareY + c1);
      factors.contrast()[start + i] = (2 * covariance + c2) / (varianceX + varianceY + c2);
    }
  }

  private double[] filter(double[] plane, ImageBatch shape) {
    return window.filter(plane, shape.height(), shape.width());
  }

  private static double[] plane(ImageBatch images, int start) {
    int end = start + images.height() * images.width();
    return IntStream.range(start, end).mapToDouble(i -> images.pixels()[i]).toArray();
  }

  private static double[] product(double[] a, double[] b) {
    double[] product = new double[a.length];
    for (int i = 0; i < product.length; i++) {
      product[i] = a[i] * b[i];
    }
    return product;
  }

  /** Reflection needs as many pixels inside an edge as the window extends beyond it. */
  private void requireComparable(ImageBatch images, ImageBatch references) {
    String found = shape(images);
    if (!found.equals(shape(references))) {
      throw new IllegalArgumentException(
          "Expected references of the images' shape %s, found %s. Compare images of one size."
              .formatted(found, shape(references)));
    }
    window.requireSize(images, window.height() / 2 + 1, window.width() / 2 + 1);
  }

  private static String shape(ImageBatch images) {
    return "(%s, %s, %s, %s)"
        .formatted(images.n(), images.channels(), images.height(), images.width());
  }
}
