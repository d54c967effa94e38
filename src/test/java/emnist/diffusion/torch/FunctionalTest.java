package emnist.diffusion.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowable;

import ai.djl.Device;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import emnist.diffusion.Golden;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class FunctionalTest {

  private final NDManager manager = NDManager.newBaseManager();

  @AfterEach
  void freeArrays() {
    manager.close();
  }

  @Test
  void groupNormGivesEachGroupMean0AndVariance1ThenScaleAndShift() {
    NDArray x = manager.create(new float[] {1, 3, 10, 30}, new Shape(1, 2, 1, 2));
    NDArray weight = manager.create(new float[] {1, 2});
    NDArray bias = manager.create(new float[] {0, 5});

    NDArray y = Functional.groupNorm(2, 1e-9, Activation.NONE).apply(x, weight, bias);

    assertClose(y, -1, 1, 3, 7);
  }

  @Test
  void groupNormTakesChannelsOfAGroupTogether() {
    NDArray x = manager.create(new float[] {1, 1, 3, 3}, new Shape(1, 2, 1, 2));

    NDArray y =
        Functional.groupNorm(1, 1e-9, Activation.NONE)
            .apply(x, manager.ones(new Shape(2)), manager.zeros(new Shape(2)));

    assertClose(y, -1, -1, 1, 1);
  }

  @ParameterizedTest
  @EnumSource(Activation.class)
  void groupNormAppliesItsActivation(Activation activation) {
    NDArray x = manager.arange(8f).reshape(1, 4, 2);
    NDArray weight = manager.ones(new Shape(4));
    NDArray bias = manager.zeros(new Shape(4));

    NDArray normed = Functional.groupNorm(2, 1e-5, Activation.NONE).apply(x, weight, bias);
    NDArray y = Functional.groupNorm(2, 1e-5, activation).apply(x, weight, bias);

    assertClose(y, Golden.widened(Functional.activation(activation).apply(normed).toFloatArray()));
  }

  @ParameterizedTest
  @CsvSource({
    "SILU, 0.7310586, -0.2689414",
    "SWISH, 0.7310586, -0.2689414",
    "MISH, 0.8650984, -0.3034015",
    "GELU, 0.8413447, -0.1586553",
    "RELU, 1, 0",
    "NONE, 1, -1",
  })
  void activationsAreThoseOfPyTorch(Activation activation, double atOne, double atMinusOne) {
    NDArray x = manager.create(new float[] {1, -1});

    assertClose(Functional.activation(activation).apply(x), atOne, atMinusOne);
  }

  @Test
  void attentionOverEqualKeysIsTheMeanOfTheValues() {
    NDArray q = manager.randomNormal(new Shape(1, 2, 2));
    NDArray k = manager.ones(new Shape(1, 2, 2));
    NDArray v = manager.create(new float[] {1, 10, 3, 30}, new Shape(1, 2, 2));

    assertClose(Functional.attention(1).apply(q, k, v), 2, 20, 2, 20);
  }

  @Test
  void attentionWeighsByTheSoftmaxOfTheScaledProducts() {
    // One head of 4 channels: products 2 and 0, divided by sqrt(4).
    NDArray q = manager.ones(new Shape(1, 2, 4));
    NDArray k =
        manager.create(new float[] {0.5f, 0.5f, 0.5f, 0.5f, 0, 0, 0, 0}, new Shape(1, 2, 4));
    NDArray v = manager.create(new float[] {1, 1, 1, 1, 0, 0, 0, 0}, new Shape(1, 2, 4));

    double weight = Math.E / (Math.E + 1);
    double[] expected = new double[8];
    Arrays.fill(expected, weight);
    assertClose(Functional.attention(1).apply(q, k, v), expected);
  }

  @Test
  void headsAttendOnTheirOwn() {
    NDArray q = manager.randomNormal(new Shape(2, 5, 6));
    NDArray k = manager.randomNormal(new Shape(2, 5, 6));
    NDArray v = manager.randomNormal(new Shape(2, 5, 6));

    NDArray both = Functional.attention(2).apply(q, k, v);

    NDArray second =
        Functional.attention(1).apply(q.get(":,:,3:6"), k.get(":,:,3:6"), v.get(":,:,3:6"));
    assertClose(both.get(":,:,3:6"), Golden.widened(second.toFloatArray()));
  }

  @Test
  void averagesTheLastOddRowAndColumnOnTheirOwn() {
    NDArray x = manager.arange(1f, 10f).reshape(1, 1, 3, 3);

    NDArray y = Functional.averagePool2x2(x);

    assertThat(y.getShape()).isEqualTo(new Shape(1, 1, 2, 2));
    assertClose(y, 3, 4.5, 7.5, 9);
  }

  @Test
  void averagingOnePixelGivesThatPixel() {
    assertClose(
        Functional.averagePool2x2(manager.create(new float[] {7}, new Shape(1, 1, 1, 1))), 7);
  }

  @Test
  void padsAtTheRightAndAtTheBottom() {
    NDArray x = manager.create(new float[] {1, 2}, new Shape(1, 1, 1, 2));

    NDArray y = Functional.padBottomRight(x, 1, 2);

    assertThat(y.getShape()).isEqualTo(new Shape(1, 1, 2, 4));
    assertClose(y, 1, 2, 0, 0, 0, 0, 0, 0);
  }

  @Test
  void resizesToTheNearestPixel() {
    NDArray x = manager.create(new float[] {1, 2}, new Shape(1, 1, 1, 2));

    assertClose(Functional.interpolateNearest(x, 2, 3), 1, 1, 2, 1, 1, 2);
  }

  @Test
  void modulatesWithTheScalesBeforeTheShifts() {
    NDArray x = manager.create(new float[] {1, 10}, new Shape(1, 2, 1, 1));
    NDArray e = manager.create(new float[] {1, 2, 3, 4}, new Shape(1, 4, 1, 1));

    assertClose(Functional.scaleShift(Activation.NONE).apply(x, e), 5, 34);
  }

  @Test
  void looksUpRows() {
    NDArray table = manager.arange(6f).reshape(3, 2);

    assertClose(Functional.embedding(manager.create(new long[] {2, 0}), table), 4, 5, 0, 1);
  }

  @Test
  void crossEntropyIsTheMeanOfTheNegativeLogLikelihoods() {
    NDArray logits = manager.create(new float[] {0, 0, 0, 0}, new Shape(2, 2));

    assertClose(Functional.crossEntropy(logits, manager.create(new long[] {0, 1})), Math.log(2));
  }

  @ParameterizedTest
  @ValueSource(longs = {-100, -1, 2})
  void crossEntropyRefusesAClassThatIsNoneOnTheCpu(long label) {
    NDManager cpu = manager.newSubManager(Device.cpu());
    NDArray logits = cpu.zeros(new Shape(2, 2));

    assertThatIllegalArgumentException()
        .isThrownBy(() -> Functional.crossEntropy(logits, cpu.create(new long[] {0, label})))
        .withMessage(
            "Expected INT64 class labels from 0 to 1, found INT64 [%s]. Choose classes of the network.",
            label);
  }

  @ParameterizedTest
  @CsvSource({"2, 1", "2 1, 2 2", "3 2, 2 2"})
  void theMeanSquaredErrorRefusesATargetOfAnotherShape(String target, String prediction) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Functional.mseLoss(zeros(prediction), zeros(target)))
        .withMessageStartingWith(
            "Expected a target of the prediction's shape (%s)", prediction.replace(" ", ", "));
  }

  @ParameterizedTest
  @ValueSource(strings = {"1", "3", "2 1"})
  void theMeanSquaredErrorRefusesAnotherNumberOfWeights(String weights) {
    NDArray x = zeros("2 3");

    assertThatIllegalArgumentException()
        .isThrownBy(() -> Functional.mseLoss(x, x, zeros(weights)))
        .withMessageContaining("and one weight per sample, found (2, 3) and (");
  }

  /**
   * What a function does not check itself, PyTorch does, in words that fit into a sentence. On a
   * GPU a wrong index would end all work of the process there.
   */
  @Test
  void whatPyTorchRefusesOnTheCpuIsOneSentence() {
    NDManager cpu = manager.newSubManager(Device.cpu());
    NDArray x = cpu.ones(new Shape(2, 1, 4, 4));
    NDArray two = cpu.ones(new Shape(2));
    NDArray integers = cpu.create(new long[] {0, 9});
    Map<String, Runnable> refused =
        Map.of(
            "conv2d", () -> Functional.conv2d(x, cpu.ones(new Shape(1, 2, 3, 3)), two, 1, 1),
            "linear", () -> Functional.linear(x, cpu.ones(new Shape(1, 2)), two),
            "embedding", () -> Functional.embedding(integers, cpu.ones(new Shape(3, 2))),
            "interpolate", () -> Functional.interpolateNearest(x, 0, 0),
            "dropout", () -> Functional.dropout(x, 2),
            "pad", () -> Functional.padBottomRight(x, -9, 0),
            "pool", () -> Functional.averagePool2x2(two),
            "copy", () -> Functional.copyInPlace(two, x),
            "lerp", () -> Functional.lerpInPlace(List.of(two), List.of(), 1),
            "mseLoss", () -> Functional.mseLoss(integers, integers));

    refused.forEach(
        (name, function) ->
            assertThatIllegalArgumentException()
                .as(name)
                .isThrownBy(function::run)
                .withMessageMatching(
                    "Expected arrays that fit together, found others \\(.+\\)\\. Check their shapes, types and devices\\.")
                .withCauseInstanceOf(EngineException.class));
  }

  private NDArray zeros(String sides) {
    return manager.zeros(
        new Shape(Stream.of(sides.split(" ")).mapToLong(Long::parseLong).toArray()));
  }

  @Test
  void theMeanSquaredErrorIsOverAllElements() {
    NDArray x = manager.create(new float[] {1, 2, 3, 6});

    assertClose(Functional.mseLoss(x, manager.create(new float[] {1, 2, 3, 4}), null), 1);
  }

  @Test
  void dropoutKeepsTheMean() {
    TorchRandom.manualSeed(1);

    NDArray y = Functional.dropout(manager.ones(new Shape(10_000)), 0.25);

    assertThat(Golden.widened(y.toFloatArray())).containsOnly(0, (float) (1 / 0.75));
    assertThat(y.mean().getFloat()).isBetween(0.95f, 1.05f);
  }

  @Test
  void copiesIntoALeafWithoutRecordingIt() {
    NDArray leaf = manager.ones(new Shape(2));
    leaf.setRequiresGradient(true);

    Functional.copyInPlace(leaf, manager.create(new float[] {3, 4}));

    assertClose(leaf, 3, 4);
    assertThat(leaf.hasGradient()).isTrue();
  }

  @Test
  void resultsBelongToTheManagerOfTheFirstArgument() {
    NDManager step = manager.newSubManager();
    NDArray weight = manager.ones(new Shape(2));

    NDArray y =
        Functional.groupNorm(1, 1e-5, Activation.SILU)
            .apply(step.ones(new Shape(1, 2, 2)), weight, weight);

    assertThat(y.getManager()).isSameAs(step);
  }

  @Test
  void consumeFreesTheIntermediateEvenIfTheFunctionFails() {
    NDArray x = manager.ones(new Shape(2));

    assertThat(
            catchThrowable(
                () ->
                    Functional.consume(
                        x,
                        unused -> {
                          throw new IllegalStateException("no");
                        })))
        .hasMessage("no");
    assertThat(manager.getManagedArrays()).isEmpty();
  }

  private static void assertClose(NDArray actual, double... expected) {
    Golden.assertClose(
        "result", Golden.widened(actual.toFloatArray()), expected, 1e-6 * largest(expected));
  }

  private static double largest(double[] values) {
    return Arrays.stream(values).map(Math::abs).reduce(1, Math::max);
  }
}
