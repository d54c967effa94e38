package emnist.diffusion.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;

class FeatureStatisticsTest {

  private static final int DIMENSION = 3;

  private final float[][] features = features(100);

  @Test
  void mergedPartsAreTheStatisticsOfTheWhole() {
    FeatureStatistics merged = statistics(0, 11);
    merged.merge(statistics(11, 90));
    merged.merge(statistics(90, 100));

    FeatureStatistics whole = statistics(0, 100);
    assertThat(merged.samples()).isEqualTo(100);
    assertClose(merged.mean(), whole.mean());
    assertClose(merged.covariance(), whole.covariance());
  }

  @Test
  void nothingChangesNothing() {
    FeatureStatistics merged = statistics(0, 11);
    merged.merge(new FeatureStatistics(DIMENSION));

    assertThat(merged.samples()).isEqualTo(11);
    assertThat(merged.covariance()).isEqualTo(statistics(0, 11).covariance());
  }

  @Test
  void whatIsMergedIntoNothingStaysWhatItIs() {
    FeatureStatistics merged = new FeatureStatistics(DIMENSION);
    merged.merge(statistics(0, 11));

    assertThat(merged.mean()).isEqualTo(statistics(0, 11).mean());
    assertThat(merged.covariance()).isEqualTo(statistics(0, 11).covariance());
  }

  @Test
  void refusesStatisticsOfOtherFeatures() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> statistics(0, 11).merge(new FeatureStatistics(2)))
        .withMessage(
            "Expected statistics of feature vectors of length 3, found 2. Use one extractor for all images.");
  }

  private FeatureStatistics statistics(int from, int to) {
    FeatureStatistics statistics = new FeatureStatistics(DIMENSION);
    statistics.update(Arrays.copyOfRange(features, from, to));
    return statistics;
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
