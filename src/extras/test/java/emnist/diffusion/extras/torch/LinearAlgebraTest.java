package emnist.diffusion.extras.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import emnist.diffusion.metrics.FeatureStatistics;
import emnist.diffusion.metrics.FrechetDistance;
import emnist.diffusion.metrics.FrechetDistanceTest;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class LinearAlgebraTest {

  @ParameterizedTest
  @CsvSource({"1, 5, 5", "7, 3, 20", "64, 300, 200", "64, 20, 300", "64, 10, 12"})
  void agreesWithEjmlWhateverTheRank(int dimension, int samples1, int samples2) {
    FeatureStatistics first = statistics(dimension, samples1, 1);
    FeatureStatistics second = statistics(dimension, samples2, 2);
    assertThat(LinearAlgebra.frechetDistance(first, second))
        .isEqualTo(FrechetDistance.between(first, second), within(2e-6));
  }

  @Test
  void refusesWhatTheOtherImplementationRefuses() {
    FeatureStatistics one = statistics(4, 1, 1);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LinearAlgebra.frechetDistance(one, statistics(4, 9, 2)))
        .withMessageContaining("found 1 and 9");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LinearAlgebra.frechetDistance(statistics(4, 9, 1), statistics(5, 9, 2)))
        .withMessageContaining("found 4 for real and 5");
  }

  @ParameterizedTest
  @MethodSource("emnist.diffusion.metrics.FrechetDistanceTest#cases")
  void theDistanceThroughItAgreesWithTorchmetrics(String name) {
    FeatureStatistics real = FrechetDistanceTest.real(name);
    FeatureStatistics generated = FrechetDistanceTest.generated(name);
    int dimension = real.dimension();
    FrechetDistanceTest.assertAgrees(name, LinearAlgebra.frechetDistance(real, generated));
  }

  @Test
  void isTheSumOfTheRootsOfTheEigenvalues() {
    double[] a = {4, 0, 0, 9};
    double[] b = {1, 0, 0, 25};
    assertThat(LinearAlgebra.traceSqrtm(a, b, 2)).isEqualTo(2 + 15, within(1e-12));
  }

  @Test
  void takesSecondsAtTheLengthOfInceptionFeatures() {
    int dimension = 2048;
    double[] s = statistics(dimension, 300, 1).covariance();
    double trace = IntStream.range(0, dimension).mapToDouble(i -> s[i * dimension + i]).sum();
    long start = System.nanoTime();
    assertThat(LinearAlgebra.traceSqrtm(s, s, dimension)).isEqualTo(trace, within(1e-3));
    assertThat((System.nanoTime() - start) / 1e9).isLessThan(30);
  }

  @Test
  void treatsNegativeEigenvaluesAsRoundingErrors() {
    double[] a = {1, 0, 0, -1e-17};
    assertThat(LinearAlgebra.traceSqrtm(a, a, 2)).isEqualTo(1, within(1e-12));
  }

  private static FeatureStatistics statistics(int dimension, int samples, long seed) {
    Random random = new Random(seed);
    float[][] features = new float[samples][dimension];
    for (float[] vector : features) {
      for (int i = 0; i < dimension; i++) {
        vector[i] = (float) random.nextGaussian();
      }
    }
    return FeatureStatistics.of(features, dimension);
  }
}
