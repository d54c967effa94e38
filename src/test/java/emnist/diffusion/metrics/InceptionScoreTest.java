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
    assertScore(name, score(permutation.length, splits(name)).compute(permutation));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void agreesWithTorchmetricsInTheOrderOfArrival(String name) {
    int samples = GOLDEN.ints(name + ".perm").length;
    int[] arrival = IntStream.range(0, samples).toArray();
    assertScore(name + ".noperm", score(samples, splits(name)).compute(arrival));
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

  private static InceptionScore.Score shuffled(InceptionScore score, long seed) {
    return score.compute(new CounterRandom(seed).permutation(score.samples()));
  }

  @Test
  void isTheSameForTheSameSeedAndOtherwiseNot() {
    InceptionScore score = score(500, 10);
    assertThat(shuffled(score, 7)).isEqualTo(shuffled(score, 7)).isNotEqualTo(shuffled(score, 8));
  }

  @Test
  void countsBatchesAsOneSetOfImages() {
    InceptionScore score = new InceptionScore(10);
    score.update(Arrays.copyOfRange(logits(), 0, 499));
    score.update(Arrays.copyOfRange(logits(), 499, 500));
    assertThat(score.samples()).isEqualTo(500);
    assertThat(shuffled(score, 7)).isEqualTo(shuffled(score(500, 10), 7));
  }

  @Test
  void isTheNumberOfClassesForCertainAndVariedImages() {
    InceptionScore score = new InceptionScore(1);
    score.update(new float[][] {{5000, 0, 0}, {0, 5000, 0}, {0, 0, 5000}});
    assertThat(shuffled(score, 0).mean()).isEqualTo(3, within(1e-9));
  }

  @Test
  void staysFiniteForAClassThatNeverOccurs() {
    InceptionScore score = new InceptionScore(1);
    score.update(new float[][] {{5000, 0}, {5000, 0}});
    assertThat(shuffled(score, 0).mean()).isEqualTo(1);
  }

  @Test
  void refusesFewerImagesThanSplits() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> shuffled(score(9, 10), 0))
        .withMessage(
            "Expected at least one image for each of the 10 splits, found 9."
                + " Generate more images or use fewer splits.");
  }

  @Test
  void refusesAnOrderThatIsNoPermutation() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> score(3, 1).compute(new int[] {0, 1, 1}))
        .withMessage(
            "Expected a permutation of the 3 images, found 3 indices that are none."
                + " Pass each of 0 to 2 once.");
  }

  @Test
  void refusesLogitsOfAnotherExtractor() {
    InceptionScore score = score(3, 1);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> score.update(new float[1][26]))
        .withMessage("Expected 10 logits per image, found 26. Use one extractor for all images.");
  }

  @Test
  void refusesLogitsThatAreNotFinite() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new InceptionScore(1).update(new float[][] {{Float.NaN}}))
        .withMessage(
            "Expected finite logits, found NaN."
                + " Check that the images are finite; training may have diverged.");
  }

  @Test
  void refusesZeroSplits() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new InceptionScore(0))
        .withMessage("Expected at least 1 split, found 0. Use 10, as the paper does.");
  }

  private static InceptionScore score(int samples, int splits) {
    InceptionScore score = new InceptionScore(splits);
    score.update(Arrays.copyOf(logits(), samples));
    return score;
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
