package emnist.diffusion.metrics;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * The output of a {@link FeatureExtractor} for a batch of images.
 *
 * @param features {@code (N, dimension)}, the input of FID
 * @param logits {@code (N, classes)} before the softmax, the input of IS
 */
public record ImageFeatures(float[][] features, float[][] logits) {

  /** The class with the largest logit of each image; of equal ones the first. */
  public int[] classes() {
    return Arrays.stream(logits).mapToInt(ImageFeatures::largest).toArray();
  }

  private static int largest(float[] logits) {
    return IntStream.range(0, logits.length)
        .reduce((a, b) -> logits[b] > logits[a] ? b : a)
        .orElseThrow();
  }
}
