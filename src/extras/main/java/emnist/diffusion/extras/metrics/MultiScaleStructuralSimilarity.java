package emnist.diffusion.extras.metrics;

import emnist.diffusion.image.ImageBatch;
import emnist.diffusion.metrics.StructuralSimilarity;
import java.util.Arrays;
import java.util.DoubleSummaryStatistics;
import java.util.List;

/**
 * Multi-scale structural similarity (MS-SSIM): the contrast of an image compared at several sizes,
 * each half the one before, and its brightness at the smallest (Wang et al. 2003, equation 7). The
 * numbers are those of torchmetrics 1.9.
 *
 * <p>The paper's five scales need images of at least 176 pixels a side.
 */
public final class MultiScaleStructuralSimilarity {

  /** How similarities are made non-negative before they are raised to fractional powers. */
  public enum Normalization {
    /** Not at all: a similarity below 0 gives NaN. */
    NONE,
    /** Those below 0 become 0: torchmetrics' default. */
    RELU,
    /** {@code (s + 1) / 2}. */
    SIMPLE;

    private double apply(double similarity) {
      return switch (this) {
        case NONE -> similarity;
        case RELU -> Math.max(0, similarity);
        case SIMPLE -> (similarity + 1) / 2;
      };
    }
  }

  private static final List<Double> PAPER = List.of(0.0448, 0.2856, 0.3001, 0.2363, 0.1333);
  private static final int KERNEL_SIZE = 11;

  private final StructuralSimilarity similarity;
  private final List<Double> betas;
  private final Normalization normalization;
  private final int kernelSize;
  private final DoubleSummaryStatistics similarities = new DoubleSummaryStatistics();

  /**
   * MS-SSIM with the paper's scales and torchmetrics' normalization.
   *
   * @param dataRange largest minus smallest value a pixel can have: 2 for pixels in {@code [-1, 1]}
   */
  public MultiScaleStructuralSimilarity(double dataRange) {
    this(new StructuralSimilarity(dataRange), PAPER, Normalization.RELU, KERNEL_SIZE);
  }

  /**
   * MS-SSIM with other settings.
   *
   * @param similarity compares the images of each scale
   * @param betas the weight of each scale, the largest image first
   * @param kernelSize torchmetrics' {@code kernel_size}, usually 11: a side needs {@code kernelSize
   *     * max(1, scales - 1)²} pixels, also if the window has a different size
   */
  public MultiScaleStructuralSimilarity(
      StructuralSimilarity similarity,
      List<Double> betas,
      Normalization normalization,
      int kernelSize) {
    if (betas.isEmpty()) {
      throw new IllegalArgumentException(
          "Expected a weight for at least one scale, found none. Use %s, as the paper does."
              .formatted(PAPER));
    }
    this.similarity = similarity;
    this.betas = List.copyOf(betas);
    this.normalization = normalization;
    this.kernelSize = kernelSize;
  }

  /**
   * Adds a batch.
   *
   * @throws IllegalArgumentException if the shapes differ or the images are too small for the
   *     scales
   */
  public void update(ImageBatch images, ImageBatch references) {
    Arrays.stream(perImage(images, references)).forEach(similarities);
  }

  /**
   * The mean over all images so far.
   *
   * @throws IllegalStateException if there were none
   */
  public double compute() {
    if (similarities.getCount() == 0) {
      throw new IllegalStateException(
          "Expected at least one image, found none. Call update before compute.");
    }
    return similarities.getAverage();
  }

  /** MS-SSIM of each image; the mean of {@link #compute} does not change. */
  public double[] perImage(ImageBatch images, ImageBatch references) {
    requireLarge(images);
    double[] products = new double[images.n()];
    Arrays.fill(products, 1);
    ImageBatch x = images;
    ImageBatch y = references;
    int smallest = betas.size() - 1;
    for (int scale = 0; scale <= smallest; scale++) {
      double[] similarities =
          scale < smallest
              ? ContrastSensitivity.perImage(similarity, x, y)
              : similarity.perImage(x, y);
      for (int i = 0; i < products.length; i++) {
        products[i] *= Math.pow(normalization.apply(similarities[i]), betas.get(scale));
      }
      if (scale < smallest) {
        x = halved(x);
        y = halved(y);
      }
    }
    return products;
  }

  private void requireLarge(ImageBatch images) {
    int minHeight = smallestSide(similarity.window().height());
    int minWidth = smallestSide(similarity.window().width());
    if (images.height() < minHeight || images.width() < minWidth) {
      throw new IllegalArgumentException(
          "Expected images of at least %s x %s pixels for %s scales, found %s x %s. Use fewer scales, or plain SSIM."
              .formatted(minHeight, minWidth, betas.size(), images.height(), images.width()));
    }
  }

  /** torchmetrics' own two conditions, and what the window needs at the last two scales. */
  private int smallestSide(int windowSide) {
    int scales = betas.size();
    int side = 1 << scales;
    side = Math.max(side, kernelSize * (int) Math.pow(Math.max(1, scales - 1), 2));
    side = Math.max(side, (windowSide / 2 + 1) << (scales - 1));
    return scales == 1 ? side : Math.max(side, windowSide << (scales - 2));
  }

  /** Means over 2 x 2 pixels; a last odd row or column is left out. */
  private static ImageBatch halved(ImageBatch images) {
    int height = images.height() / 2;
    int width = images.width() / 2;
    float[] halved = new float[images.n() * images.channels() * height * width];
    for (int i = 0; i < halved.length; i++) {
      int plane = i / (height * width);
      int row = i / width % height;
      int at = (plane * images.height() + 2 * row) * images.width() + i % width * 2;
      float[] p = images.pixels();
      halved[i] = (p[at] + p[at + 1] + p[at + images.width()] + p[at + images.width() + 1]) / 4;
    }
    return new ImageBatch(halved, images.n(), images.channels(), height, width);
  }
}
