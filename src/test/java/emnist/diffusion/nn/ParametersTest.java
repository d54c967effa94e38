package emnist.diffusion.nn;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import emnist.diffusion.torch.Activation;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ParametersTest {

  private final NDManager manager = NDManager.newBaseManager();
  private final Parameters parameters = new Parameters(manager);

  @AfterEach
  void freeArrays() {
    manager.close();
  }

  @Test
  void namesArePathsInTheOrderOfDeclarationNotOfCreation() {
    Parameters attentions = parameters.child("attentions");
    new Linear(parameters.child("resnets").child(0), 2, 3);
    new GroupNorm(attentions.child(1).child("group_norm"), 1, 2, 1e-5, Activation.NONE);

    assertThat(parameters.named().keySet())
        .containsExactly(
            "attentions.1.group_norm.weight",
            "attentions.1.group_norm.bias",
            "resnets.0.weight",
            "resnets.0.bias");
  }

  @Test
  void aChildIsTheSameEveryTime() {
    assertThat(parameters.child(3)).isSameAs(parameters.child("3"));
  }

  @Test
  void aConvolutionStartsWithinTheInverseRootOfItsFanIn() {
    new Conv2d(parameters, 4, 8, 3, 1, 1);
    parameters.initialize(0);

    assertThat(parameters.named()).hasSize(2).allSatisfy((name, p) -> assertBound(p, 1.0 / 6));
  }

  @Test
  void aLinearLayerStartsWithinTheInverseRootOfItsInputs() {
    new Linear(parameters, 16, 100);
    parameters.initialize(0);

    assertThat(parameters.named()).hasSize(2).allSatisfy((name, p) -> assertBound(p, 0.25));
  }

  @Test
  void aNormStartsAsTheIdentity() {
    new GroupNorm(parameters, 2, 4, 1e-5, Activation.NONE);

    assertThat(parameters.named().get("weight").toFloatArray()).containsOnly(1);
    assertThat(parameters.named().get("bias").toFloatArray()).containsOnly(0);
  }

  @Test
  void anEmbeddingStartsStandardNormal() {
    new Embedding(parameters, 100, 100);
    parameters.initialize(0);

    float variance = parameters.named().get("weight").square().mean().getFloat();
    assertThat(variance).isBetween(0.95f, 1.05f);
  }

  @Test
  void aBufferIsNamedButNotTrained() {
    NDArray buffer = parameters.normalBuffer("weight", 16, 1000);
    parameters.initialize(0);

    assertThat(parameters.named().get("weight")).isSameAs(buffer);
    assertThat(buffer.hasGradient()).isFalse();
    assertThat(buffer.square().mean().getFloat()).isBetween(220f, 290f);
  }

  private static void assertBound(NDArray parameter, double bound) {
    float largest = parameter.abs().max().getFloat();
    assertThat((double) largest).isBetween(0.5 * bound, bound * (1 + 1e-6));
  }
}
