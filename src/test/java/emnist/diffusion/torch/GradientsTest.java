package emnist.diffusion.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class GradientsTest {

  private final NDManager manager = NDManager.newBaseManager();

  @AfterEach
  void freeArrays() {
    manager.close();
  }

  @Test
  void thereIsOneGradientForEachWeightInTheirOrder() {
    NDArray x = leaf(3);
    NDArray y = leaf(4);

    assertThat(values(of(() -> x.mul(y), y, x))).containsExactly(3f, 4f);
  }

  @Test
  void theScaleMultipliesTheLoss() {
    NDArray x = leaf(3);
    NDArray loss = Autograd.enableGrad(() -> x.mul(x));

    assertThat(values(Gradients.of(loss, List.of(x), 0.5))).containsExactly(3f);
  }

  @Test
  void gradientsOfSeveralLossesAddUp() {
    NDArray x = leaf(3);
    Gradients sum = of(() -> x.mul(2), x);

    sum.add(of(() -> x.mul(5), x));

    assertThat(values(sum)).containsExactly(7f);
  }

  @Test
  void gradientsFlowThroughScripts() {
    NDArray x = leaf(0);

    assertThat(values(of(() -> Functional.activation(Activation.SILU).apply(x), x)))
        .containsExactly(0.5f);
  }

  @Test
  void theArraysBelongToTheManagerAskedFor() {
    NDArray x = leaf(3);
    NDManager step = manager.newSubManager();

    List<NDArray> gradients = of(() -> x.mul(2), x).toList(step);

    assertThat(gradients.get(0).getManager()).isSameAs(step);
  }

  @Test
  void aBackwardPassLeavesNoArrays() {
    NDArray x = leaf(3);
    NDArray loss = Autograd.enableGrad(() -> x.mul(2));

    Gradients.of(loss, List.of(x)).close();

    assertThat(manager.getManagedArrays()).containsExactlyInAnyOrder(x, loss);
  }

  @Test
  void refusesALossThatAWeightHasNoPartIn() {
    NDArray x = leaf(3);
    NDArray y = leaf(4);
    NDArray loss = Autograd.enableGrad(() -> x.mul(2));

    assertThatIllegalArgumentException()
        .isThrownBy(() -> Gradients.of(loss, List.of(x, y)))
        .withMessageStartingWith(
            "Expected a loss computed from every weight with gradients recorded, found one that was not (")
        .withMessageEndingWith(
            "). Compute it within Autograd.enableGrad, once for each backward pass.");
  }

  @Test
  void memoryThatRunsOutIsNotTakenForAnotherLoss() {
    NDArray x = manager.ones(new Shape(1));
    x.setRequiresGradient(true);
    // A view, which takes no memory itself but has a gradient of 4 EiB.
    NDArray loss = Autograd.enableGrad(() -> x.broadcast(new Shape(1L << 60)).get(0));

    assertThatExceptionOfType(EngineException.class)
        .isThrownBy(() -> Gradients.of(loss, List.of(x)))
        .withMessageContaining(
            manager.getDevice().isGpu() ? "out of memory" : "can't allocate memory");
  }

  private static Gradients of(Supplier<NDArray> loss, NDArray... weights) {
    return Gradients.of(Autograd.enableGrad(loss), List.of(weights));
  }

  private List<Float> values(Gradients gradients) {
    return gradients.toList(manager).stream().map(NDArray::getFloat).toList();
  }

  private NDArray leaf(float value) {
    NDArray leaf = manager.full(new Shape(), value);
    leaf.setRequiresGradient(true);
    return leaf;
  }
}
