package emnist.diffusion.metrics;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Inception score of generated images: high when each image is clearly of one class and all classes
 * occur (Salimans et al. 2016, section 4), from 1 to the number of classes. The numbers are those
 * of torchmetrics 1.9.
 */
public final class InceptionScore {

  /** Mean of the splits' scores, and their unbiased standard deviation: NaN of a single split. */
  public record Score(double mean, double std) {}

  private InceptionScore() {}

  /**
   * The score of images, put in the given order before they are split.
   *
   * <p>Splits are cut as {@code torch.chunk} does: all of one size, except that the last may be
   * smaller, and there may be fewer of them.
   *
   * @param logits {@code (N, classes)} before the softmax
   * @param splits number of parts to score separately, at least 1; usually 10
   * @param permutation each of {@code 0 .. N-1} once
   * @throws IllegalArgumentException if it is not a permutation, there are fewer images than
   *     splits, or a row of logits has another length or a value that is not finite
   */
  public static Score of(float[][] logits, int splits, int[] permutation) {
    int samples = logits.length;
    if (splits < 1) {
      throw new IllegalArgumentException(
          "Expected at least 1 split, found %s. Use 10, as the paper does.".formatted(splits));
    }
    if (samples < splits) {
      throw new IllegalArgumentException(
          "Expected at least one image for each of the %s splits, found %s. Generate more images or use fewer splits."
              .formatted(splits, samples));
    }
    requirePermutation(permutation, samples);
    double[][] logProbabilities = logSoftmax(logits);
    double[][] ordered =
        IntStream.of(permutation).mapToObj(i -> logProbabilities[i]).toArray(double[][]::new);
    int splitSize = (samples + splits - 1) / splits;
    double[] scores =
        IntStream.iterate(0, start -> start < samples, start -> start + splitSize)
            .mapToDouble(
                start ->
                    score(Arrays.copyOfRange(ordered, start, Math.min(start + splitSize, samples))))
            .toArray();
    double mean = Arrays.stream(scores).average().orElseThrow();
    double squares = Arrays.stream(scores).map(s -> (s - mean) * (s - mean)).sum();
    return new Score(mean, Math.sqrt(squares / (scores.length - 1)));
  }

  /** {@code exp} of the mean Kullback-Leibler divergence of each image from the split's mean. */
  private static double score(double[][] split) {
    double divergence = 0;
    for (int c = 0; c < split[0].length; c++) {
      double mean = 0;
      for (double[] logProbabilities : split) {
        mean += Math.exp(logProbabilities[c]) / split.length;
      }
      if (mean == 0) {
        continue; // too improbable for a double: its share is 0, but log(0) is not finite
      }
      for (double[] logProbabilities : split) {
        divergence += Math.exp(logProbabilities[c]) * (logProbabilities[c] - Math.log(mean));
      }
    }
    return Math.exp(divergence / split.length);
  }

  /**
   * The logarithms of the probabilities of each image's classes, {@code log(exp(x_c) /
   * sum(exp(x)))}.
   *
   * @throws IllegalArgumentException if a row has another length or a value that is not finite
   */
  public static double[][] logSoftmax(float[][] logits) {
    for (float[] row : logits) {
      if (row.length != logits[0].length) {
        throw new IllegalArgumentException(
            "Expected %s logits per image, found %s. Use one extractor for all images."
                .formatted(logits[0].length, row.length));
      }
    }
    return Arrays.stream(logits).map(InceptionScore::logSoftmax).toArray(double[][]::new);
  }

  private static double[] logSoftmax(float[] logits) {
    double largest = Double.NEGATIVE_INFINITY;
    for (float logit : logits) {
      if (!Float.isFinite(logit)) {
        throw new IllegalArgumentException(
            "Expected finite logits, found %s. Check that the images are finite; training may have diverged."
                .formatted(logit));
      }
      largest = Math.max(largest, logit);
    }
    double sum = 0;
    for (float logit : logits) {
      sum += Math.exp(logit - largest);
    }
    double logSum = largest + Math.log(sum);
    return IntStream.range(0, logits.length).mapToDouble(c -> logits[c] - logSum).toArray();
  }

  /** Refuses an order of {@code n} images in which an index is missing or occurs twice. */
  public static void requirePermutation(int[] order, int n) {
    if (!Arrays.equals(Arrays.stream(order).sorted().toArray(), IntStream.range(0, n).toArray())) {
      throw new IllegalArgumentException(
          "Expected a permutation of the %s images, found %s indices that are none. Pass each of 0 to %s once."
              .formatted(n, order.length, n - 1));
    }
  }
}
