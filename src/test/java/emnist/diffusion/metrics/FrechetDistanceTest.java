package emnist.diffusion.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import emnist.diffusion.Golden;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FrechetDistanceTest {

  private static final Golden GOLDEN = Golden.open("metrics_fid");
  private static final int DIMENSION = 64;

  @ParameterizedTest
  @CsvSource({"n200, 200, 200", "n40_rank_deficient, 40, 40", "n200_vs_50, 200, 50"})
  void agreesWithTorchmetrics(String name, int real, int generated) {
    double distance =
        FrechetDistance.between(statistics("real", 0, real), statistics("fake", 0, generated));
    double expected = GOLDEN.doubles(name + ".fid_float64")[0];
    assertThat(distance).isEqualTo(expected, within(1e-6 * expected));
    GOLDEN.assertClose(name + ".fid", new double[] {distance}, 1e-4 * expected);
  }

  @Test
  void isZeroBetweenEqualDistributions() {
    FeatureStatistics real = statistics("real", 0, 200);
    GOLDEN.assertClose("self.fid", new double[] {FrechetDistance.between(real, real)}, 1e-9);
  }

  @Test
  void isTheSameInBothDirections() {
    FeatureStatistics real = statistics("real", 0, 40);
    FeatureStatistics generated = statistics("fake", 0, 200);
    assertThat(FrechetDistance.between(real, generated))
        .isEqualTo(FrechetDistance.between(generated, real), within(1e-6));
  }

  @Test
  void isTheDistanceOfTheMeansWhereNothingVaries() {
    FeatureStatistics zeros = new FeatureStatistics(2);
    zeros.update(new float[2][2]);
    FeatureStatistics others = new FeatureStatistics(2);
    others.update(new float[][] {{3, 4}, {3, 4}});
    assertThat(FrechetDistance.between(zeros, others)).isEqualTo(25, within(1e-12));
  }

  @Test
  void refusesTooFewSamples() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> FrechetDistance.between(statistics("real", 0, 200), statistics("fake", 0, 1)))
        .withMessage(
            "Expected at least 2 real and 2 generated images, found 200 and 1."
                + " Take thousands, for FID falls as they grow.");
  }

  @Test
  void refusesFeaturesOfDifferentExtractors() {
    FeatureStatistics others = new FeatureStatistics(2);
    others.update(new float[2][2]);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> FrechetDistance.between(statistics("real", 0, 200), others))
        .withMessage(
            "Expected features of equal length, found 64 for real and 2 for generated images."
                + " Use one extractor for both.");
  }

  @Test
  void gathersMeanAndCovarianceOverUnevenBatches() {
    FeatureStatistics statistics = new FeatureStatistics(DIMENSION);
    float[][] features = features("real");
    for (int[] batch : new int[][] {{0, 1}, {1, 1}, {1, 130}, {130, 200}}) {
      statistics.update(Arrays.copyOfRange(features, batch[0], batch[1]));
    }
    assertThat(statistics.samples()).isEqualTo(200);
    GOLDEN.assertClose("n200.mu_real", statistics.mean(), 1e-12);
    GOLDEN.assertClose("n200.sigma_real", statistics.covariance(), 1e-11);
  }

  @Test
  void gathersMeanAndCovarianceOfGeneratedImages() {
    FeatureStatistics statistics = statistics("fake", 0, 200);
    GOLDEN.assertClose("n200.mu_fake", statistics.mean(), 1e-12);
    GOLDEN.assertClose("n200.sigma_fake", statistics.covariance(), 1e-11);
  }

  @Test
  void keepsItsPrecisionFarFromZero() {
    FeatureStatistics statistics = new FeatureStatistics(1);
    statistics.update(new float[][] {{1_000_000}, {1_000_001}});
    statistics.update(new float[][] {{1_000_002}});
    assertThat(statistics.covariance()[0]).isEqualTo(1, within(1e-9));
  }

  @Test
  void refusesACovarianceOfOneSample() {
    assertThatIllegalStateException()
        .isThrownBy(() -> statistics("real", 0, 1).covariance())
        .withMessage(
            "Expected at least 2 samples for a covariance, found 1. Count more images in.");
  }

  @Test
  void refusesAVectorOfAnotherLength() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new FeatureStatistics(3).update(new float[1][2]))
        .withMessage(
            "Expected feature vectors of length 3, found 2 in row 0. Use one extractor for all images.");
  }

  @Test
  void refusesFeaturesThatAreNotFiniteAndCountsNoneOfTheBatch() {
    FeatureStatistics statistics = new FeatureStatistics(1);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> statistics.update(new float[][] {{1}, {Float.NaN}}))
        .withMessage(
            "Expected finite features, found NaN in row 1."
                + " Check that the images are finite; training may have diverged.");
    assertThat(statistics.samples()).isZero();
  }

  @Test
  void refusesADimensionOfZero() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new FeatureStatistics(0))
        .withMessage(
            "Expected a dimension of at least 1, found 0. Pass the length of a feature vector.");
  }

  private static FeatureStatistics statistics(String key, int from, int to) {
    FeatureStatistics statistics = new FeatureStatistics(DIMENSION);
    statistics.update(Arrays.copyOfRange(features(key), from, to));
    return statistics;
  }

  private static float[][] features(String key) {
    float[] values = GOLDEN.floats(key);
    float[][] features = new float[values.length / DIMENSION][];
    for (int i = 0; i < features.length; i++) {
      features[i] = Arrays.copyOfRange(values, i * DIMENSION, (i + 1) * DIMENSION);
    }
    return features;
  }
}
