package emnist.diffusion.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import emnist.diffusion.Golden;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AdamWTest {

  private static final Golden GOLDEN = Golden.open("train_adamw");

  private final NDManager manager = NDManager.newBaseManager();

  @AfterEach
  void freeArrays() {
    manager.close();
  }

  @ParameterizedTest
  @CsvSource({
    "default, 1e-3, 0.9, 1e-2, false",
    "lr1e-4, 1e-4, 0.9, 1e-2, false",
    "train_uncond, 1e-4, 0.95, 1e-6, false",
    "wd0, 1e-2, 0.9, 0, false",
    "wd0.1, 1e-2, 0.9, 0.1, false",
    "amsgrad, 1e-3, 0.9, 1e-2, true",
  })
  void fiveStepsAreThoseOfPyTorch(
      String setting, double lr, double beta1, double weightDecay, boolean amsgrad) {
    NDArray p = parameter(GOLDEN.array(manager, "p0"));
    AdamW optimizer =
        new AdamW(
            manager, Map.of("p", p), new AdamW.Config(beta1, 0.999, 1e-8, weightDecay, amsgrad));
    NDArray grads = GOLDEN.array(manager, "grads");

    for (int step = 0; step < 5; step++) {
      optimizer.step(manager, gradients(List.of(p), grads.get(step)), lr, Double.POSITIVE_INFINITY);
      assertStep(setting + ".p", step, p);
      assertStep(setting + ".exp_avg", step, optimizer.stateDict().get("exp_avg.p"));
      assertStep(setting + ".exp_avg_sq", step, optimizer.stateDict().get("exp_avg_sq.p"));
    }
    assertThat(optimizer.stateDict().get("step").getFloat()).isEqualTo(5);
  }

  @Test
  void clipsToTheGlobalNormAndReturnsTheNormBefore() {
    NDArray a = parameter(manager.zeros(new Shape(1)));
    NDArray b = parameter(manager.zeros(new Shape(1)));
    Map<String, NDArray> weights = new LinkedHashMap<>();
    weights.put("a", a);
    weights.put("b", b);
    AdamW optimizer = new AdamW(manager, weights, AdamW.Config.DEFAULT);
    NDArray three = manager.create(new float[] {3});
    NDArray four = manager.create(new float[] {4});

    NDArray norm = optimizer.step(manager, gradients(List.of(a, b), three, four), 1e-3, 1);

    assertThat(norm.getFloat()).isEqualTo(5);
    // exp_avg = (1 - beta1) x the gradient clipped from 3 to 3/5.
    assertThat(optimizer.stateDict().get("exp_avg.a").toFloatArray()[0])
        .isBetween(0.0599999f, 0.0600001f);
  }

  @Test
  void weightsThatAreNotTrainedAreLeftOut() {
    NDArray p = parameter(manager.ones(new Shape(2)));
    NDArray constant = manager.ones(new Shape(2));

    AdamW optimizer =
        new AdamW(manager, Map.of("p", p, "constant", constant), AdamW.Config.DEFAULT);

    assertThat(optimizer.parameters()).containsExactly(p);
  }

  @Test
  void refusesBetasOutsideTheirRange() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new AdamW.Config(1, 0.999, 1e-8, 0, false))
        .withMessage(
            "Expected betas in [0, 1), found 1.0 and 0.999. PyTorch's defaults are 0.9 and 0.999.");
  }

  private static NDArray parameter(NDArray value) {
    value.setRequiresGradient(true);
    return value;
  }

  /** The gradients {@code g}: those of the sum of all {@code sum(w g)}. */
  private static Gradients gradients(List<NDArray> weights, NDArray... g) {
    NDArray loss =
        Autograd.enableGrad(
            () ->
                IntStream.range(0, g.length)
                    .mapToObj(i -> weights.get(i).mul(g[i]).sum())
                    .reduce(NDArray::add)
                    .orElseThrow());
    return Gradients.of(loss, weights);
  }

  private void assertStep(String key, int step, NDArray actual) {
    double[] expected =
        GOLDEN.array(manager, key).get(step).toType(DataType.FLOAT64, false).toDoubleArray();
    double[] found = actual.toType(DataType.FLOAT64, false).toDoubleArray();
    Golden.assertClose(key + " after step " + (step + 1), found, expected, 1e-5);
  }
}
