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

  /** The two factors of the similarity around every pixel of a channel. */
  private record Factors(double[] luminance, double[] contrast) {}

  private final DataRange dataRange;
  private final SsimWindow window;
  private final double k1;
  private final double k2;
  private final MeanOverImages mean = new MeanOverImages();

  /**
   * SSIM with the paper's window and constants.
   *
   * @param dataRange largest minus smallest value a pixel can have: 2 for pixels in {@code [-1, 1]}
   */
  public StructuralSimilarity(double dataRange) {
    this(DataRange.of(dataRange), SsimWindow.gaussian(1.5), 0.01, 0.03);
  }

  /**
   * SSIM with other settings.
   *
   * @param window weights of the local means
   * @param k1 steadies the comparison of means, small against 1
   * @param k2 steadies the comparison of variances, small against 1
   */
  public StructuralSimilarity(DataRange dataRange, SsimWindow window, double k1, double k2) {
    this.dataRange = dataRange;
    this.window = window;
    this.k1 = k1;
    this.k2 = k2;
  }

  /** The window of its local means. */
  public SsimWindow window() {
    return window;
  }

  /**
   * Adds a batch.
   *
   * @throws IllegalArgumentException if the shapes differ or the images are smaller than half the
   *     window
   */
  public void update(ImageBatch images, ImageBatch references) {
    mean.add(perImage(images, references));
  }

  /**
   * The mean over all images so far.
   *
   * @throws IllegalStateException if there were none
   */
  public double compute() {
    return mean.value();
  }

  /** SSIM of each image; the mean of {@link #compute} does not change. */
  public double[] perImage(ImageBatch images, ImageBatch references) {
    return meanPerImage(similarityMap(images, references), images, 0, 0);
  }

  /** SSIM around every pixel, {@code (N, C, H, W)}. */
  public double[] similarityMap(ImageBatch images, ImageBatch references) {
    requireComparable(images, references, window.height() / 2 + 1, window.width() / 2 + 1);
    double[] map = new double[images.pixels().length];
    int planeSize = images.height() * images.width();
    double width = dataRange.width(images, references);
    for (int start = 0; start < map.length; start += planeSize) {
      Factors factors = factors(images, references, start, width);
      for (int i = 0; i < planeSize; i++) {
        map[start + i] = factors.luminance()[i] * factors.contrast()[i];
      }
    }
    return map;
  }

  /**
   * The part of SSIM that compares contrast and structure but not brightness, of each image;
   * averaged over the pixels whose window lies within the image.
   *
   * @throws IllegalArgumentException if the shapes differ or the images are smaller than the window
   */
  public double[] contrastSensitivity(ImageBatch images, ImageBatch references) {
    requireComparable(images, references, window.height(), window.width());
    double[] map = new double[images.pixels().length];
    int planeSize = images.height() * images.width();
    double width = dataRange.width(images, references);
    for (int start = 0; start < map.length; start += planeSize) {
      double[] contrast = factors(images, references, start, width).contrast();
      System.arraycopy(contrast, 0, map, start, planeSize);
    }
    return meanPerImage(map, images, window.height() / 2, window.width() / 2);
  }

  private Factors factors(ImageBatch images, ImageBatch references, int start, double width) {
    double[] x = plane(images, start);
    double[] y = plane(references, start);
    double[] meanX = filter(x, images);
    double[] meanY = filter(y, images);
    double[] meanXX = filter(product(x, x), images);
    double[] meanYY = filter(product(y, y), images);
    double[] meanXY = filter(product(x, y), images);
    double c1 = k1 * width * (k1 * width);
    double c2 = k2 * width * (k2 * width);
    double[] luminance = new double[x.length];
    double[] contrast = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      double squareX = meanX[i] * meanX[i];
      double squareY = meanY[i] * meanY[i];
      double varianceX = Math.max(0, meanXX[i] - squareX);
      double varianceY = Math.max(0, meanYY[i] - squareY);
      double covariance = meanXY[i] - meanX[i] * meanY[i];
      luminance[i] = (2 * meanX[i] * meanY[i] + c1) / (squareX + squareY + c1);
      contrast[i] = (2 * covariance + c2) / (varianceX + varianceY + c2);
    }
    return new Factors(luminance, contrast);
  }

  private double[] filter(double[] plane, ImageBatch shape) {
    return window.filter(plane, shape.height(), shape.width());
  }

  private double[] plane(ImageBatch images, int start) {
    double[] plane = new double[images.height() * images.width()];
    for (int i = 0; i < plane.length; i++) {
      plane[i] = dataRange.clamp(images.pixels()[start + i]);
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

  /** Means over all channels, without {@code rows} and {@code columns} at each edge. */
  private static double[] meanPerImage(double[] map, ImageBatch shape, int rows, int columns) {
    int width = shape.width();
    int kept = (shape.height() - 2 * rows) * (width - 2 * columns) * shape.channels();
    double[] sums = new double[shape.n()];
    for (int row = 0; row < map.length / width; row++) {
      int y = row % shape.height();
      if (y < rows || y >= shape.height() - rows) {
        continue;
      }
      for (int x = columns; x < width - columns; x++) {
        sums[row / (shape.height() * shape.channels())] += map[row * width + x];
      }
    }
    return Arrays.stream(sums).map(sum -> sum / kept).toArray();
  }

  /** Reflection needs as many pixels inside an edge as the window extends beyond it. */
  private static void requireComparable(
      ImageBatch images, ImageBatch references, int minHeight, int minWidth) {
    String found = shape(images);
    if (!found.equals(shape(references))) {
      throw new IllegalArgumentException(
          "Expected references of the images' shape %s, found %s. Compare images of one size."
              .formatted(found, shape(references)));
    }
    if (images.height() < minHeight || images.width() < minWidth) {
      throw new IllegalArgumentException(
          "Expected images of at least %d x %d pixels for this window, found %d x %d. Use a narrower window."
              .formatted(minHeight, minWidth, images.height(), images.width()));
    }
  }

  private static String shape(ImageBatch images) {
    return "(%d, %d, %d, %d)"
        .formatted(images.n(), images.channels(), images.height(), images.width());
  }
}
