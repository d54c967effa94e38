package emnist.diffusion.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import emnist.diffusion.Golden;
import emnist.diffusion.random.CounterRandom;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

public class FrechetDistanceTest {

  private static final Golden GOLDEN = Golden.open("metrics_fid");
  private static final int DIMENSION = (int) GOLDEN.shape("real")[1];

  /** How many vectors a case of the reference file compares, which its name says. */
  private static final Pattern CASE = Pattern.compile("n(\\d+)(?:_vs_(\\d+))?.*");

  public static Stream<String> cases() {
    return GOLDEN.names().stream()
        .filter(key -> key.endsWith(".fid"))
        .map(key -> key.substring(0, key.length() - ".fid".length()));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void agreesWithTorchmetrics(String name) {
    assertAgrees(name, FrechetDistance.between(real(name), generated(name)));
  }

  public static void assertAgrees(String name, double distance) {
    double expected = GOLDEN.doubles(name + ".fid_float64")[0];
    double scale = Math.max(1, Math.abs(expected));
    assertThat(distance).isEqualTo(expected, within(1e-6 * scale));
    GOLDEN.assertClose(name + ".fid", new double[] {distance}, 1e-4 * scale);
    GOLDEN.assertClose(name + ".fid_scipy_sqrtm", new double[] {distance}, 1e-4 * scale);
  }

  public static FeatureStatistics real(String name) {
    Matcher matcher = CASE.matcher(name);
    return matcher.matches()
        ? statistics("real", 0, Integer.parseInt(matcher.group(1)))
        : statistics("real", 0, features("real").length);
  }

  public static FeatureStatistics generated(String name) {
    Matcher matcher = CASE.matcher(name);
    if (!matcher.matches()) {
      return real(name);
    }
    String samples = matcher.group(2) == null ? matcher.group(1) : matcher.group(2);
    return statistics("fake", 0, Integer.parseInt(samples));
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
    FeatureStatistics zeros = FeatureStatistics.of(new float[2][2], 2);
    FeatureStatistics others = FeatureStatistics.of(new float[][] {{3, 4}, {3, 4}}, 2);
    assertThat(FrechetDistance.between(zeros, others)).isEqualTo(25, within(1e-12));
  }

  @Test
  void theFloorIsWhatSamplesOfTheRealImagesScore() {
    float[][] real = features("real");
    double few = FrechetDistance.floor(real, draws(50, 1));
    double many = FrechetDistance.floor(real, draws(5000, 1));
    assertThat(many).isPositive().isLessThan(few / 20);
    assertThat(few)
        .isPositive()
        .isLessThan(FrechetDistance.between(statistics("real", 0, 200), statistics("fake", 0, 50)));
  }

  @Test
  void theFloorOfGivenDrawsIsTheirMeanDistance() {
    float[][] real = features("real");
    FeatureStatistics all = statistics("real", 0, real.length);
    double first = FrechetDistance.between(all, statistics("real", 0, 30));
    double second = FrechetDistance.between(all, statistics("real", 30, 60));

    double floor =
        FrechetDistance.floor(
            real, List.of(IntStream.range(0, 30).toArray(), IntStream.range(30, 60).toArray()));

    assertThat(floor).isEqualTo((first + second) / 2, within(1e-9));
  }

  @Test
  void theFloorIsTheSameForTheSameDrawsAndOtherwiseNot() {
    float[][] real = features("real");
    assertThat(FrechetDistance.floor(real, draws(20, 7)))
        .isEqualTo(FrechetDistance.floor(real, draws(20, 7)))
        .isNotEqualTo(FrechetDistance.floor(real, draws(20, 8)));
  }

  @Test
  void theFloorIsZeroWhereNothingVaries() {
    assertThat(FrechetDistance.floor(new float[9][3], List.of(new int[] {0, 3, 3, 8})))
        .isEqualTo(0, within(1e-12));
  }

  @Test
  void refusesAFloorOfTooFewImages() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> FrechetDistance.floor(new float[1][2], List.of(new int[] {0})))
        .withMessageStartingWith(
            "Expected at least 2 real and 2 generated images, found 1 and 1. ");
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 2, Integer.MAX_VALUE})
  void refusesAFloorOfOtherImages(int index) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> FrechetDistance.floor(new float[2][2], List.of(new int[] {0, index})))
        .withMessage(
            "Expected draws of indices below 2, found others or none. Draw from the real images.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> FrechetDistance.floor(new float[2][2], List.of()))
        .withMessageStartingWith("Expected draws of indices below 2, found others or none.");
  }

  @Test
  void refusesTooFewSamples() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> FrechetDistance.between(statistics("real", 0, 200), statistics("fake", 0, 1)))
        .withMessage(
            "Expected at least 2 real and 2 generated images, found 200 and 1."
                + " Use thousands, because FID falls as they grow.");
  }

  @Test
  void refusesFeaturesOfDifferentExtractors() {
    FeatureStatistics others = FeatureStatistics.of(new float[2][2], 2);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> FrechetDistance.between(statistics("real", 0, 200), others))
        .withMessage(
            "Expected features of equal length, found 64 for real and 2 for generated images."
                + " Use one extractor for both.");
  }

  @Test
  void gathersMeanAndCovarianceOfRealImages() {
    FeatureStatistics statistics = statistics("real", 0, 200);
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
    FeatureStatistics statistics =
        FeatureStatistics.of(new float[][] {{1_000_000}, {1_000_001}, {1_000_002}}, 1);
    assertThat(statistics.covariance()[0]).isEqualTo(1, within(1e-9));
  }

  @Test
  void refusesACovarianceOfOneSample() {
    assertThatIllegalStateException()
        .isThrownBy(() -> statistics("real", 0, 1).covariance())
        .withMessage("Expected at least 2 samples for a covariance, found 1. Add more images.");
  }

  @Test
  void refusesAVectorOfAnotherLength() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> FeatureStatistics.of(new float[1][2], 3))
        .withMessage(
            "Expected feature vectors of length 3, found 2 in row 0. Use one extractor for all images.");
  }

  @Test
  void refusesFeaturesThatAreNotFinite() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> FeatureStatistics.of(new float[][] {{1}, {Float.NaN}}, 1))
        .withMessage(
            "Expected finite features, found NaN in row 1."
                + " Check that the images are finite; training may have diverged.");
  }

  private static List<int[]> draws(int images, long seed) {
    int bound = features("real").length;
    return Stream.of(1, 2, 3)
        .map(draw -> new CounterRandom(seed, draw))
        .map(random -> IntStream.generate(() -> random.below(bound)).limit(images).toArray())
        .toList();
  }

  private static FeatureStatistics statistics(String key, int from, int to) {
    return FeatureStatistics.of(Arrays.copyOfRange(features(key), from, to), DIMENSION);
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
