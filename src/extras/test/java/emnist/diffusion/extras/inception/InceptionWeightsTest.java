package emnist.diffusion.extras.inception;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class InceptionWeightsTest {

  private final NDManager manager = NDManager.newBaseManager();

  @AfterEach
  void freeArrays() {
    manager.close();
  }

  @Test
  void givesAnArrayByItsFullName() {
    NDArray array = manager.ones(new Shape(2, 3));
    assertThat(weights(Map.of("a.b.weight", array)).child("a").child("b").take("weight", 2, 3))
        .isSameAs(array);
  }

  @Test
  void ignoresPyTorchsCounters() {
    InceptionWeights weights = weights(Map.of("bn.num_batches_tracked", manager.ones(new Shape())));
    assertThatCode(weights::requireAllTaken).doesNotThrowAnyException();
  }

  @Test
  void keepsAnArrayForTheNetwork() {
    NDManager reading = manager.newSubManager();
    InceptionWeights weights = weights(Map.of("weight", reading.ones(new Shape(2))));
    NDArray kept = weights.keep(weights.take("weight", 2));
    reading.close();
    assertThat(kept.toFloatArray()).containsExactly(1, 1);
  }

  @Test
  void refusesAMissingWeight() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> weights(Map.of()).child("fc").take("bias", 1008))
        .withMessage(
            "Expected a weight \"fc.bias\" of shape (1008) in file, found none."
                + " Convert the file as the documentation of InceptionV3 says.");
  }

  @Test
  void refusesAWeightOfAnotherShape() {
    InceptionWeights weights = weights(Map.of("fc.bias", manager.ones(new Shape(1000))));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> weights.child("fc").take("bias", 1008))
        .withMessage(
            "Expected a weight \"fc.bias\" of shape (1008) in file, found (1000)."
                + " Convert the file as the documentation of InceptionV3 says.");
  }

  @Test
  void refusesAWeightOfIntegers() {
    InceptionWeights weights =
        weights(Map.of("fc.bias", manager.ones(new Shape(2), DataType.INT64)));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> weights.child("fc").take("bias", 2))
        .withMessage(
            "Expected \"fc.bias\" as float32 in file, found int64."
                + " Convert the file as the documentation of InceptionV3 says.");
  }

  @Test
  void refusesAWeightNobodyAskedFor() {
    InceptionWeights weights = weights(Map.of("AuxLogits.fc.bias", manager.ones(new Shape(2))));
    assertThatIllegalArgumentException()
        .isThrownBy(weights::requireAllTaken)
        .withMessage(
            "Expected only weights of the FID InceptionV3 in file, found \"AuxLogits.fc.bias\","
                + " which it does not have. Convert the file as the documentation of InceptionV3 says.");
  }

  private InceptionWeights weights(Map<String, NDArray> arrays) {
    return new InceptionWeights(manager, Path.of("file"), arrays);
  }
}
