package emnist.diffusion.metrics;

import java.util.List;
import java.util.stream.IntStream;

/**
 * Fréchet distance between the features of real and of generated images, each taken as a normal
 * distribution (Heusel et al. 2017, FID): {@code |m1 - m2|^2 + tr(S1 + S2 - 2 (S1 S2)^(1/2))}. The
 * numbers are those of torchmetrics 1.9. About 0 for equal distributions, where rounding may leave
 * it slightly below.
 *
 * <p>In the features of the Inception network it is FID; in those of a letter classifier, it is the
 * Fréchet classifier distance.
 */
public final class FrechetDistance {

  /** Number of draws whose mean distance is a floor. */
  public static final int FLOOR_DRAWS = 10;

  private FrechetDistance() {}

  /**
   * The distance, the same in both directions.
   *
   * @throws IllegalArgumentException with fewer than two samples on either side, or if the features
   *     have different lengths
   */
  public static double between(FeatureStatistics real, FeatureStatistics generated) {
    return between(real, generated, EjmlTraceSqrtm::of);
  }

  /** As {@link #between(FeatureStatistics, FeatureStatistics)}, with another implementation. */
  public static double between(
      FeatureStatistics real, FeatureStatistics generated, TraceSqrtm traceSqrtm) {
    if (real.samples() < 2 || generated.samples() < 2) {
      throw new IllegalArgumentException(
          "Expected at least 2 real and 2 generated images, found %d and %d. Use thousands, because FID falls as they grow."
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
   * What a perfect generator would score: the mean distance of bootstrap samples of the real images
   * from all of them.
   *
   * <p>A distance is biased upwards, the more the fewer the images (Chong and Forsyth 2020,
   * arXiv:1911.07023); what exceeds its floor is due to the generator. Draw as the generator does:
   * if it generates equally many images of each class, so must each draw.
   *
   * @param realFeatures {@code (N, dimension)} of at least two real images
   * @param draws indices of real images, as many as images are generated, drawn with replacement; a
   *     single draw's distance varies by up to half of the mean if the features are correlated, so
   *     use {@value #FLOOR_DRAWS}
   * @throws IllegalArgumentException with fewer than two real images, or images in a draw
   */
  public static double floor(float[][] realFeatures, List<int[]> draws) {
    int dimension = realFeatures[0].length;
    FeatureStatistics real = FeatureStatistics.of(realFeatures, dimension);
    return draws.stream()
        .map(draw -> IntStream.of(draw).mapToObj(i -> realFeatures[i]).toArray(float[][]::new))
        .mapToDouble(drawn -> between(real, FeatureStatistics.of(drawn, dimension)))
        .average()
        .orElseThrow();
  }
}
