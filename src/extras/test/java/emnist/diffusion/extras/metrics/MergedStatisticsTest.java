package emnist.diffusion.extras.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import emnist.diffusion.Golden;
import emnist.diffusion.metrics.FeatureStatistics;
import emnist.diffusion.metrics.FrechetDistance;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;

class MergedStatisticsTest {

  private static final Golden GOLDEN = Golden.open("metrics_fid");
  private static final int LENGTH = (int) GOLDEN.shape("real")[1];

  private static final int DIMENSION = 3;

  private final float[][] features = features(100);

  @Test
  void mergedPartsAreTheStatisticsOfTheWhole() {
    FeatureStatistics merged =
        MergedStatistics.of(
            MergedStatistics.of(statistics(0, 11), statistics(11, 90)), statistics(90, 100));

    FeatureStatistics whole = statistics(0, 100);
    assertThat(merged.samples()).isEqualTo(100);
    assertClose(merged.mean(), whole.mean());
    assertClose(merged.covariance(), whole.covariance());
  }

  @Test
  void nothingChangesNothing() {
    FeatureStatistics merged =
        MergedStatistics.of(statistics(0, 11), MergedStatistics.none(DIMENSION));

    assertThat(merged.samples()).isEqualTo(11);
    assertThat(merged.covariance()).isEqualTo(statistics(0, 11).covariance());
  }

  @Test
  void whatIsMergedIntoNothingStaysWhatItIs() {
    FeatureStatistics merged =
        MergedStatistics.of(MergedStatistics.none(DIMENSION), statistics(0, 11));

    assertThat(merged.mean()).isEqualTo(statistics(0, 11).mean());
    assertThat(merged.covariance()).isEqualTo(statistics(0, 11).covariance());
  }

  @Test
  void refusesStatisticsOfOtherFeatures() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> MergedStatistics.of(statistics(0, 11), MergedStatistics.none(2)))
        .withMessage(
            "Expected statistics of feature vectors of length 3, found 2. Use one extractor for all images.");
  }

  @Test
  void isTheSameForBatchesOfAnySize() {
    FeatureStatistics oneByOne = MergedStatistics.none(LENGTH);
    for (float[] vector : features("fake")) {
      oneByOne =
          MergedStatistics.of(oneByOne, FeatureStatistics.of(new float[][] {vector}, LENGTH));
    }
    FeatureStatistics atOnce = FeatureStatistics.of(features("fake"), LENGTH);
    FeatureStatistics real = FeatureStatistics.of(Arrays.copyOf(features("real"), 40), LENGTH);
    assertThat(FrechetDistance.between(real, oneByOne))
        .isEqualTo(FrechetDistance.between(real, atOnce), within(1e-9));
  }

  @Test
  void gathersMeanAndCovarianceOverUnevenBatches() {
    FeatureStatistics statistics = MergedStatistics.none(LENGTH);
    float[][] features = features("real");
    int[] ends = {0, 1, 1, features.length / 2, features.length};
    for (int i = 1; i < ends.length; i++) {
      float[][] batch = Arrays.copyOfRange(features, ends[i - 1], ends[i]);
      statistics = MergedStatistics.of(statistics, FeatureStatistics.of(batch, LENGTH));
    }
    assertThat(statistics.samples()).isEqualTo(features.length);
    GOLDEN.assertClose("n200.mu_real", statistics.mean(), 1e-12);
    GOLDEN.assertClose("n200.sigma_real", statistics.covariance(), 1e-11);
  }

  @Test
  void keepsItsPrecisionFarFromZero() {
    FeatureStatistics statistics =
        MergedStatistics.of(
            FeatureStatistics.of(new float[][] {{1_000_000}, {1_000_001}}, 1),
            FeatureStatistics.of(new float[][] {{1_000_002}}, 1));
    assertThat(statistics.covariance()[0]).isEqualTo(1, within(1e-9));
  }

  private static float[][] features(String key) {
    float[] values = GOLDEN.floats(key);
    float[][] features = new float[values.length / LENGTH][];
    for (int i = 0; i < features.length; i++) {
      features[i] = Arrays.copyOfRange(values, i * LENGTH, (i + 1) * LENGTH);
    }
    return features;
  }

  private FeatureStatistics statistics(int from, int to) {
    return FeatureStatistics.of(Arrays.copyOfRange(features, from, to), DIMENSION);
  }

  /** Far from 0, where sums of squares would lose their last digits. */
  private static float[][] features(int count) {
    SplittableRandom random = new SplittableRandom(1);
    float[][] features = new float[count][DIMENSION];
    for (float[] vector : features) {
      for (int i = 0; i < DIMENSION; i++) {
        vector[i] = (float) (1000 + random.nextDouble());
      }
    }
    return features;
  }

  private static void assertClose(double[] found, double[] expected) {
    for (int i = 0; i < expected.length; i++) {
      assertThat(found[i]).isCloseTo(expected[i], Percentage.withPercentage(1e-8));
    }
  }
}
