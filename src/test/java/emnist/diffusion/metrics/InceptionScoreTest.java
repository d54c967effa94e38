package emnist.diffusion.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import emnist.diffusion.Golden;
import emnist.diffusion.random.CounterRandom;
import java.util.Arrays;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class InceptionScoreTest {

  private static final double TOLERANCE = 1e-5;
  private static final Golden GOLDEN = Golden.open("metrics_is_kid");
  private static final int CLASSES = (int) GOLDEN.shape("logits")[1];

  static Stream<String> cases() {
    return GOLDEN.names().stream()
        .filter(key -> key.startsWith("is.") && key.endsWith(".perm"))
        .map(key -> key.substring(0, key.length() - ".perm".length()));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void agreesWithTorchmetrics(String name) {
    int[] permutation = GOLDEN.ints(name + ".perm");
    assertScore(name, score(permutation.length, splits(name), permutation));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void agreesWithTorchmetricsInTheOrderOfArrival(String name) {
    int samples = GOLDEN.ints(name + ".perm").length;
    int[] arrival = IntStream.range(0, samples).toArray();
    assertScore(name + ".noperm", score(samples, splits(name), arrival));
  }

  private static void assertScore(String name, InceptionScore.Score score) {
    GOLDEN.assertClose(name + ".mean", new double[] {score.mean()}, TOLERANCE);
    // The unbiased deviation of one split is none, here as there.
    if (Double.isNaN(GOLDEN.doubles(name + ".std")[0])) {
      assertThat(score.std()).isNaN();
    } else {
      GOLDEN.assertClose(name + ".std", new double[] {score.std()}, TOLERANCE);
    }
  }

  /** The number of splits, which the name of a case ends with. */
  private static int splits(String name) {
    return Integer.parseInt(name.substring(name.lastIndexOf("_s") + 2));
  }

  private static int[] shuffled(int samples, long seed) {
    return new CounterRandom(seed).permutation(samples);
  }

  @Test
  void isTheSameForTheSameOrderAndOtherwiseNot() {
    assertThat(score(500, 10, shuffled(500, 7)))
        .isEqualTo(score(500, 10, shuffled(500, 7)))
        .isNotEqualTo(score(500, 10, shuffled(500, 8)));
  }

  @Test
  void isTheNumberOfClassesForCertainAndVariedImages() {
    float[][] certain = {{5000, 0, 0}, {0, 5000, 0}, {0, 0, 5000}};
    assertThat(InceptionScore.of(certain, 1, shuffled(3, 0)).mean()).isEqualTo(3, within(1e-9));
  }

  @Test
  void staysFiniteForAClassThatNeverOccurs() {
    float[][] ofOneClass = {{5000, 0}, {5000, 0}};
    assertThat(InceptionScore.of(ofOneClass, 1, shuffled(2, 0)).mean()).isEqualTo(1);
  }

  @Test
  void refusesFewerImagesThanSplits() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> score(9, 10, shuffled(9, 0)))
        .withMessage(
            "Expected at least one image for each of the 10 splits, found 9."
                + " Generate more images or use fewer splits.");
  }

  @Test
  void refusesAnOrderThatIsNoPermutation() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> score(3, 1, new int[] {0, 1, 1}))
        .withMessage(
            "Expected a permutation of the 3 images, found 3 indices that are none."
                + " Pass each of 0 to 2 once.");
  }

  @Test
  void refusesLogitsOfAnotherExtractor() {
    float[][] logits = {new float[10], new float[26]};
    assertThatIllegalArgumentException()
        .isThrownBy(() -> InceptionScore.of(logits, 1, shuffled(2, 0)))
        .withMessage("Expected 10 logits per image, found 26. Use one extractor for all images.");
  }

  @Test
  void refusesLogitsThatAreNotFinite() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> InceptionScore.of(new float[][] {{Float.NaN}}, 1, new int[1]))
        .withMessage(
            "Expected finite logits, found NaN."
                + " Check that the images are finite; training may have diverged.");
  }

  @Test
  void refusesZeroSplits() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> score(3, 0, shuffled(3, 0)))
        .withMessage("Expected at least 1 split, found 0. Use 10, as the paper does.");
  }

  private static InceptionScore.Score score(int samples, int splits, int[] permutation) {
    return InceptionScore.of(Arrays.copyOf(logits(), samples), splits, permutation);
  }

  private static float[][] logits() {
    float[] values = GOLDEN.floats("logits");
    float[][] logits = new float[values.length / CLASSES][];
    for (int i = 0; i < logits.length; i++) {
      logits[i] = Arrays.copyOfRange(values, i * CLASSES, (i + 1) * CLASSES);
    }
    return logits;
  }
}
