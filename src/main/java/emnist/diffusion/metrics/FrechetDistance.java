package emnist.diffusion.metrics;

import java.util.SplittableRandom;

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

  /**
   * A draw scatters by up to half of the mean where the features are correlated; ten by a sixth.
   */
  private static final int FLOOR_DRAWS = 10;

  private FrechetDistance() {}

  /** The distance with {@link RootTrace#JAVA}, the same in both directions. */
  public static double between(FeatureStatistics real, FeatureStatistics generated) {
    return between(real, generated, RootTrace.JAVA);
  }

  /**
   * The distance, the same in both directions.
   *
   * @param rootTrace what does the hard part
   * @throws IllegalArgumentException with fewer than two samples on either side, or if the features
   *     have different lengths
   */
  public static double between(
      FeatureStatistics real, FeatureStatistics generated, RootTrace rootTrace) {
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
    double distance = -2 * rootTrace.of(s1, s2, dimension);
    for (int i = 0; i < dimension; i++) {
      double difference = realMean[i] - generatedMean[i];
      int diagonal = i * dimension + i;
      distance += difference * difference + s1[diagonal] + s2[diagonal];
    }
    return distance;
  }

  /** The floor with {@link RootTrace#JAVA}. */
  public static double floor(float[][] realFeatures, int samples, long seed) {
    return floor(realFeatures, samples, seed, RootTrace.JAVA);
  }

  /**
   * What a perfect generator would score with that many images; a distance can hardly be lower.
   *
   * <p>A distance of few images is biased upwards, by the more the fewer they are, because their
   * covariance is only an estimate (Chong and Forsyth 2020, arXiv:1911.07023). So a bare distance
   * says little; beside this number it says how much of it is the generator's fault. It is the mean
   * distance of bootstrap samples: as many of the real vectors, drawn with replacement, against all
   * of them.
   *
   * @param realFeatures {@code (N, dimension)} of at least two real images
   * @param samples number of images generated, at least 2
   * @param seed what the samples are drawn from; equal seeds give equal numbers
   * @throws IllegalArgumentException with fewer than two real images or samples
   */
  public static double floor(float[][] realFeatures, int samples, long seed, RootTrace rootTrace) {
    if (realFeatures.length < 2 || samples < 2) {
      throw new IllegalArgumentException(
          "Expected at least 2 real images and 2 samples, found %d and %d. Pass a whole test set and the number of images generated."
              .formatted(realFeatures.length, samples));
    }
    FeatureStatistics real = statistics(realFeatures);
    SplittableRandom random = new SplittableRandom(seed);
    double sum = 0;
    for (int draw = 0; draw < FLOOR_DRAWS; draw++) {
      float[][] drawn = new float[samples][];
      for (int i = 0; i < samples; i++) {
        drawn[i] = realFeatures[random.nextInt(realFeatures.length)];
      }
      sum += between(real, statistics(drawn), rootTrace);
    }
    return sum / FLOOR_DRAWS;
  }

  private static FeatureStatistics statistics(float[][] features) {
    FeatureStatistics statistics = new FeatureStatistics(features[0].length);
    statistics.update(features);
    return statistics;
  }
}
