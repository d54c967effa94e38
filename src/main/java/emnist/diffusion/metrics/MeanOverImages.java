package emnist.diffusion.metrics;

import java.util.Arrays;

/** The mean over all images so far, whatever batches they came in. */
public final class MeanOverImages {

  private double sum;
  private long images;

  /** Adds the values of a batch, one per image. */
  public void add(double[] perImage) {
    sum += Arrays.stream(perImage).sum();
    images += perImage.length;
  }

  /**
   * The mean.
   *
   * @throws IllegalStateException without any image
   */
  public double value() {
    if (images == 0) {
      throw new IllegalStateException(
          "Expected at least one image, found none. Call update before compute.");
    }
    return sum / images;
  }
}
