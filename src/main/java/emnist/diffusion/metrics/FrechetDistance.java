package emnist.diffusion.metrics;

import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Frechet distance between the features of real and of generated images, each taken for a normal
 * distribution (Heusel et al. 2017, FID): {@code |m1 - m2|^2 + tr(S1 + S2 - 2 (S1 S2)^(1/2))}. The
 * numbers are those of torchmetrics 1.9. About 0 for equal distributions, where rounding may leave
 * it slightly below.
 *
 * <p>It is FID in the features of the Inception network; in those of a letter classifier, it is the
 * Frechet classifier distance.
 */
public final class FrechetDistance {

  /** Draws whose mean distance is a floor. */
  public static final int FLOOR_DRAWS = 10;

  private FrechetDistance() {}

  /** The distance with {@link TraceSqrtm#JAVA}, the same in both directions. */
  public static double between(FeatureStatistics real, FeatureStatistics generated) {
    return between(real, generated, TraceSqrtm.JAVA);
  }

  /**
   * The distance, the same in both directions.
   *
   * @param traceSqrtm computes {@code tr((S1 S2)^(1/2))}
   * @throws IllegalArgumentException with fewer than two samples on either side, or if the features
   *     have different lengths
   */
  public static double between(
      FeatureStatistics real, FeatureStatistics generated, TraceSqrtm traceSqrtm) {
    if (real.samples() < 2 || generated.samples() < 2) {
      throw new IllegalArgumentException(
          "Expected at least 2 real and 2 generated images, found %d and %d. Take thousands, for FID falls as they grow."
              .formatted(real.samples(), generated.samples()));
    }
    int dimension = real.dimension();
    if (generated.dimension() != dimension) {
      throw new IllegalArgumentException(
          "Expected features of equal length, found %d for real and %d for generated images. Use one extractor for both."
              .formatted(dimension, generated.dimension()));
    }
    double[] realMean = real.mean();
    double[] generatedMean = generated.mean();
    double[] s1 = real.covariance();
    double[] s2 = generated.covariance();
    double distance = -2 * traceSqrtm.of(s1, s2, dimension);
    for (int i = 0; i < dimension; i++) {
      double difference = realMean[i] - generatedMean[i];
      int diagonal = i * dimension + i;
      distance += difference * difference + s1[diagonal] + s2[diagonal];
    }
    return distance;
  }

  /**
   * What a perfect generator would score with that many images of any class; a distance can hardly
   * be lower.
   *
   * @param realFeatures {@code (N, dimension)} of at least two real images
   * @param samples number of images generated, at least 2
   * @param seed what the samples are drawn from; equal seeds give equal numbers
   * @throws IllegalArgumentException with fewer than two real images or samples
   * @see #floor(float[][], List)
   */
  public static double floor(float[][] realFeatures, int samples, long seed) {
    if (realFeatures.length < 2 || samples < 2) {
      throw new IllegalArgumentException(
          "Expected at least 2 real images and 2 samples, found %d and %d. Pass a whole test set and the number of images generated."
              .formatted(realFeatures.length, samples));
    }
    SplittableRandom random = new SplittableRandom(seed);
    List<int[]> draws =
        Stream.generate(() -> random.ints(samples, 0, realFeatures.length).toArray())
            .limit(FLOOR_DRAWS)
            .toList();
    return floor(realFeatures, draws);
  }

  /**
   * The mean distance of bootstrap samples of the real images from all of them.
   *
   * <p>A distance of few images is biased upwards, by the more the fewer they are, because their
   * covariance is only an estimate (Chong and Forsyth 2020, arXiv:1911.07023). So a bare distance
   * says little; beside this number it says how much of it is the generator's fault. Draw as the
   * generator does: where it makes as many images of each class, so must a draw.
   *
   * @param realFeatures {@code (N, dimension)} of at least two real images
   * @param draws indices of real images, as many as images are generated, drawn with replacement; a
   *     draw scatters by up to half of the mean where the features are correlated, so take {@value
   *     #FLOOR_DRAWS}
   * @throws IllegalArgumentException with fewer than two real images, or images in a draw
   */
  public static double floor(float[][] realFeatures, List<int[]> draws) {
    FeatureStatistics real = statistics(realFeatures);
    return draws.stream()
        .map(draw -> IntStream.of(draw).mapToObj(i -> realFeatures[i]).toArray(float[][]::new))
        .mapToDouble(drawn -> between(real, statistics(drawn)))
        .average()
        .orElseThrow();
  }

  private static FeatureStatistics statistics(float[][] features) {
    FeatureStatistics statistics = new FeatureStatistics(features[0].length);
    statistics.update(features);
    return statistics;
  }
}
