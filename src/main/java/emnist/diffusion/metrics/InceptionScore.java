package emnist.diffusion.metrics;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Inception score of generated images: high when each image is clearly of one class and all classes
 * occur (Salimans et al. 2016, section 4), from 1 to the number of classes. The numbers are those
 * of torchmetrics 1.9.
 */
public final class InceptionScore {

  /** Mean of the splits' scores, and their unbiased standard deviation: NaN of a single split. */
  public record Score(double mean, double std) {}

  private final int splits;
  private final List<double[]> logProbabilities = new ArrayList<>();

  /**
   * A score of no images yet.
   *
   * @param splits number of parts to score separately, at least 1; usually 10
   */
  public InceptionScore(int splits) {
    if (splits < 1) {
      throw new IllegalArgumentException(
          "Expected at least 1 split, found %d. Use 10, as the paper does.".formatted(splits));
    }
    this.splits = splits;
  }

  /**
   * Adds a batch.
   *
   * @param logits {@code (N, classes)} before the softmax
   * @throws IllegalArgumentException if a row has another length or a value that is not finite
   */
  public void update(float[][] logits) {
    List<double[]> batch = new ArrayList<>(logits.length);
    for (float[] row : logits) {
      int classes = logProbabilities.isEmpty() ? logits[0].length : logProbabilities.get(0).length;
      if (row.length != classes) {
        throw new IllegalArgumentException(
            "Expected %d logits per image, found %d. Use one extractor for all images."
                .formatted(classes, row.length));
      }
      batch.add(logSoftmax(row));
    }
    logProbabilities.addAll(batch);
  }

  /** Number of images so far. */
  public int samples() {
    return logProbabilities.size();
  }

  /**
   * The score, with the images put in the given order before they are split.
   *
   * <p>Splits are cut as {@code torch.chunk} does: all of one size, except that the last may be
   * smaller, and there may be fewer of them.
   *
   * @param permutation each of {@code 0 .. samples-1} once
   * @throws IllegalArgumentException if it is not a permutation, or if there are fewer images than
   *     splits
   */
  public Score compute(int[] permutation) {
    int samples = logProbabilities.size();
    if (samples < splits) {
      throw new IllegalArgumentException(
          "Expected at least one image for each of the %d splits, found %d. Generate more images or use fewer splits."
              .formatted(splits, samples));
    }
    requirePermutation(permutation, samples);
    int splitSize = (samples + splits - 1) / splits;
    double[] scores =
        IntStream.iterate(0, start -> start < samples, start -> start + splitSize)
            .mapToObj(start -> IntStream.range(start, Math.min(start + splitSize, samples)))
            .mapToDouble(split -> score(split.map(i -> permutation[i]).toArray()))
            .toArray();
    double mean = Arrays.stream(scores).average().orElseThrow();
    double squares = Arrays.stream(scores).map(s -> (s - mean) * (s - mean)).sum();
    return new Score(mean, Math.sqrt(squares / (scores.length - 1)));
  }

  /** {@code exp} of the mean Kullback-Leibler divergence of each image from the split's mean. */
  private double score(int[] images) {
    int classes = logProbabilities.get(images[0]).length;
    double divergence = 0;
    for (int c = 0; c < classes; c++) {
      double mean = 0;
      for (int image : images) {
        mean += Math.exp(logProbabilities.get(image)[c]) / images.length;
      }
      if (mean == 0) {
        continue; // too improbable for a double: its share is 0, but log(0) is not finite
      }
      for (int image : images) {
        double logProbability = logProbabilities.get(image)[c];
        divergence += Math.exp(logProbability) * (logProbability - Math.log(mean));
      }
    }
    return Math.exp(divergence / images.length);
  }

  /**
   * The logarithms of the probabilities of an image's classes, {@code log(exp(x_c) / sum(exp(x)))}.
   *
   * @throws IllegalArgumentException if a logit is not finite
   */
  public static double[] logSoftmax(float[] logits) {
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
          "Expected a permutation of the %d images, found %d indices that are none. Pass each of 0 to %d once."
              .formatted(n, order.length, n - 1));
    }
  }
}
