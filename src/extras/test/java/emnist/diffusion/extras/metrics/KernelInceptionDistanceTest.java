package emnist.diffusion.extras.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import emnist.diffusion.Golden;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class KernelInceptionDistanceTest {

  private static final double TOLERANCE = 1e-5;
  private static final Golden GOLDEN = Golden.open("metrics_is_kid");

  /** Images per subset when the reference file was made; the file does not store it. */
  private static final int SUBSET_SIZE = 50;

  @Test
  void agreesWithTorchmetricsForGivenSubsets() {
    int subsets = (int) GOLDEN.shape("kid.scores")[0];
    KernelInceptionDistance.Score score =
        distance(subsets, SUBSET_SIZE).compute(orders(0), orders(1));
    double[] scores = score.subsets().stream().mapToDouble(Double::doubleValue).toArray();
    GOLDEN.assertClose("kid.scores", scores, TOLERANCE);
    GOLDEN.assertClose("kid.mean", new double[] {score.mean()}, TOLERANCE);
    GOLDEN.assertClose("kid.std", new double[] {score.std()}, TOLERANCE);
  }

  @Test
  void agreesWithTorchmetricsForAllImagesInOneSubset() {
    int images = features("kid.real").length;
    KernelInceptionDistance.Score score = distance(1, images).compute(0);
    GOLDEN.assertClose("kid.full_mmd", new double[] {score.mean()}, TOLERANCE);
    assertThat(score.std()).isZero();
  }

  @Test
  void isTheSameForTheSameSeedAndOtherwiseNot() {
    KernelInceptionDistance distance = distance(4, 30);
    assertThat(distance.compute(7))
        .isEqualTo(distance.compute(7))
        .isNotEqualTo(distance.compute(8));
  }

  @Test
  void isTheSameForBatchesOfAnySize() {
    KernelInceptionDistance oneByOne = new KernelInceptionDistance(4, 30);
    oneByOne.updateGenerated(new float[0][]);
    for (float[] vector : features("kid.fake")) {
      oneByOne.updateGenerated(new float[][] {vector});
    }
    for (float[] vector : features("kid.real")) {
      oneByOne.updateReal(new float[][] {vector});
    }
    assertThat(oneByOne.compute(7)).isEqualTo(distance(4, 30).compute(7));
  }

  @Test
  void isAboutZeroBetweenHalvesOfOneSet() {
    float[][] features = features("kid.real");
    int half = features.length / 2;
    KernelInceptionDistance halves = new KernelInceptionDistance(1, half);
    halves.updateReal(Arrays.copyOf(features, half));
    halves.updateGenerated(Arrays.copyOfRange(features, half, 2 * half));
    assertThat(Math.abs(halves.compute(0).mean()))
        .isLessThan(distance(1, half).compute(0).mean() / 5);
  }

  @Test
  void leavesOutTheKernelOfAnImageWithItself() {
    KernelInceptionDistance distance = new KernelInceptionDistance(1, 2);
    distance.updateReal(new float[][] {{1}, {0}});
    distance.updateGenerated(new float[][] {{2}, {0}});
    // The kernel of the two real vectors is 1, of the two generated ones 1; between them 27, 1, 1,
    // 1.
    assertThat(distance.compute(0).mean()).isEqualTo(2 * 1 - 2 * 30 / 4.0, within(1e-12));
  }

  @Test
  void refusesFewerImagesThanASubsetHas() {
    int images = features("kid.real").length;
    assertThatIllegalArgumentException()
        .isThrownBy(() -> distance(100, 1000).compute(0))
        .withMessage(
            "Expected at least 1000 real and 1000 generated images, as many as in a subset, found %s and %s. Use more images or smaller subsets."
                .formatted(images, images));
  }

  @Test
  void refusesOtherThanOneOrderPerSubset() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> distance(3, 2).compute(new int[1][2], new int[3][2]))
        .withMessage(
            "Expected a permutation for each of the 3 subsets, found 1. Pass one per subset.");
  }

  @Test
  void refusesAnOrderThatIsNoPermutation() {
    KernelInceptionDistance distance = new KernelInceptionDistance(1, 2);
    distance.updateReal(new float[2][1]);
    distance.updateGenerated(new float[2][1]);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> distance.compute(new int[][] {{0, 1}}, new int[][] {{0, 0}}))
        .withMessage(
            "Expected a permutation of the 2 images, found 2 indices that are none."
                + " Pass each of 0 to 1 once.");
  }

  @Test
  void refusesFeaturesOfAnotherExtractor() {
    KernelInceptionDistance distance = new KernelInceptionDistance(1, 2);
    distance.updateReal(new float[2][3]);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> distance.updateGenerated(new float[1][2]))
        .withMessage(
            "Expected feature vectors of length 3, found 2 in row 0. Use one extractor for all images.");
  }

  @Test
  void refusesSubsetsOfOneImage() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new KernelInceptionDistance(0, 1))
        .withMessage(
            "Expected at least 1 subset of at least 2 images, found 0 of 1. Use 100 of 1000, as the paper does.");
  }

  private static KernelInceptionDistance distance(int subsets, int subsetSize) {
    KernelInceptionDistance distance = new KernelInceptionDistance(subsets, subsetSize);
    distance.updateReal(features("kid.real"));
    distance.updateGenerated(features("kid.fake"));
    return distance;
  }

  /** The orders of the real images are in the even rows, those of the generated in the odd ones. */
  private static int[][] orders(int firstRow) {
    int images = (int) GOLDEN.shape("kid.perms")[1];
    int[] rows = GOLDEN.ints("kid.perms");
    return IntStream.iterate(firstRow * images, at -> at < rows.length, at -> at + 2 * images)
        .mapToObj(at -> Arrays.copyOfRange(rows, at, at + images))
        .toArray(int[][]::new);
  }

  private static float[][] features(String key) {
    int dimension = (int) GOLDEN.shape(key)[1];
    float[] values = GOLDEN.floats(key);
    return IntStream.range(0, values.length / dimension)
        .mapToObj(i -> Arrays.copyOfRange(values, i * dimension, (i + 1) * dimension))
        .toArray(float[][]::new);
  }
}
