package emnist.diffusion.metrics;

import emnist.diffusion.image.ImageBatch;
import java.util.Arrays;

/**
 * Structural similarity (SSIM) of images and their references, 1 for equal images (Wang et al.
 * 2004, equation 13). The numbers are those of torchmetrics 1.9, which averages over the whole
 * image, reflected at its edges.
 *
 * <p>Either call {@link #perImage} for a batch on its own, or {@link #update} for each batch and
 * {@link #compute} for the mean over all images so far.
 */
public final class StructuralSimilarity {

  private final SsimWindow window;
  private final double luminanceConstant;
  private final double contrastConstant;
  private double sum;
  private long samples;

  /**
   * SSIM with the paper's window and constants.
   *
   * @param dataRange largest minus smallest value a pixel can have: 2 for pixels in {@code [-1, 1]}
   */
  public StructuralSimilarity(double dataRange) {
    this(dataRange, SsimWindow.gaussian(1.5), 0.01, 0.03);
  }

  /**
   * SSIM with other settings.
   *
   * @param dataRange largest minus smallest value a pixel can have, above 0
   * @param window where local means are taken
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
    this.luminanceConstant = k1 * dataRange * (k1 * dataRange);
    this.contrastConstant = k2 * dataRange * (k2 * dataRange);
  }

  /**
   * Counts a batch in.
   *
   * @throws IllegalArgumentException if the shapes differ or the images are smaller than half the
   *     window
   */
  public void update(ImageBatch images, ImageBatch references) {
    sum += Arrays.stream(perImage(images, references)).sum();
    samples += images.n();
  }

  /**
   * The mean over all images so far.
   *
   * @throws IllegalStateException if there were none
   */
  public double compute() {
    if (samples == 0) {
      throw new IllegalStateException(
          "Expected at least one image, found none. Call update before compute.");
    }
    return sum / samples;
  }

  /** SSIM of each image; leaves the mean of {@link #compute} alone. */
  public double[] perImage(ImageBatch images, ImageBatch references) {
    return meanPerImage(similarityMap(images, references), images);
  }

  /** SSIM around every pixel, {@code (N, C, H, W)}. */
  public double[] similarityMap(ImageBatch images, ImageBatch references) {
    requireComparable(images, references);
    int planeSize = images.height() * images.width();
    double[] map = new double[images.pixels().length];
    for (int start = 0; start < map.length; start += planeSize) {
      double[] x = plane(images, start);
      double[] y = plane(references, start);
      double[] meanX = filter(x, images);
      double[] meanY = filter(y, images);
      double[] meanXX = filter(product(x, x), images);
      double[] meanYY = filter(product(y, y), images);
      double[] meanXY = filter(product(x, y), images);
      for (int i = 0; i < planeSize; i++) {
        map[start + i] = similarity(meanX[i], meanY[i], meanXX[i], meanYY[i], meanXY[i]);
      }
    }
    return map;
  }

  private double similarity(
      double meanX, double meanY, double meanXX, double meanYY, double meanXY) {
    double varianceX = Math.max(0, meanXX - meanX * meanX);
    double varianceY = Math.max(0, meanYY - meanY * meanY);
    double covariance = meanXY - meanX * meanY;
    return (2 * meanX * meanY + luminanceConstant)
        * (2 * covariance + contrastConstant)
        / ((meanX * meanX + meanY * meanY + luminanceConstant)
            * (varianceX + varianceY + contrastConstant));
  }

  private double[] filter(double[] plane, ImageBatch shape) {
    return window.filter(plane, shape.height(), shape.width());
  }

  private static double[] plane(ImageBatch images, int start) {
    double[] plane = new double[images.height() * images.width()];
    for (int i = 0; i < plane.length; i++) {
      plane[i] = images.pixels()[start + i];
    }
    return plane;
  }

  private static double[] product(double[] a, double[] b) {
    double[] product = new double[a.length];
    for (int i = 0; i < product.length; i++) {
      product[i] = a[i] * b[i];
    }
    return product;
  }

  private static double[] meanPerImage(double[] map, ImageBatch images) {
    double[] means = new double[images.n()];
    int size = images.pixelsPerImage();
    for (int i = 0; i < means.length; i++) {
      means[i] = Arrays.stream(map, i * size, (i + 1) * size).sum() / size;
    }
    return means;
  }

  private void requireComparable(ImageBatch images, ImageBatch references) {
    String found = shape(images);
    if (!found.equals(shape(references))) {
      throw new IllegalArgumentException(
          "Expected references of the images' shape %s, found %s. Compare images of one size."
              .formatted(found, shape(references)));
    }
    // Reflection needs as many pixels beside the edge as the window reaches over it.
    if (images.height() <= window.height() / 2 || images.width() <= window.width() / 2) {
      throw new IllegalArgumentException(
          "Expected images of at least %d x %d pixels for this window, found %d x %d. Take a narrower window."
              .formatted(
                  window.height() / 2 + 1,
                  window.width() / 2 + 1,
                  images.height(),
                  images.width()));
    }
  }

  private static String shape(ImageBatch images) {
    return "(%d, %d, %d, %d)"
        .formatted(images.n(), images.channels(), images.height(), images.width());
  }
}
