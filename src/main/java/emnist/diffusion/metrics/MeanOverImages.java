package emnist.diffusion.metrics;

import java.util.Arrays;

/** A mean over all images so far, whatever batches they came in. */
final class MeanOverImages {

  private double sum;
  private long images;

  void add(double[] perImage) {
    sum += Arrays.stream(perImage).sum();
    images += perImage.length;
  }

  double value() {
    if (images == 0) {
      throw new IllegalStateException(
          "Expected at least one image, found none. Call update before compute.");
    }
    return sum / images;
  }
}
