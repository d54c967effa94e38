package emnist.diffusion.extras.inception;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class BasicConv2dTest {

  private final NDManager manager = NDManager.newBaseManager();

  @AfterEach
  void freeArrays() {
    manager.close();
  }

  @Test
  void convolvesWithPaddingOfItsOwnForRowsAndColumnsAndCutsOffBelowZero() {
    NDArray x = manager.create(new float[] {1, 2, 3, -9}, new Shape(1, 1, 2, 2));
    Map<String, NDArray> sumOfRow =
        Map.of(
            "conv.weight", manager.ones(new Shape(1, 1, 1, 3)),
            "bn.weight", manager.ones(new Shape(1)),
            "bn.bias", manager.create(new float[] {0.5f}),
            "bn.running_mean", manager.zeros(new Shape(1)),
            // With the eps of 0.001 exactly 1.
            "bn.running_var", manager.create(new float[] {0.999f}));
    InceptionWeights weights = new InceptionWeights(manager, Path.of("file"), sumOfRow);

    NDArray y = BasicConv2d.same(weights, 1, 1, 1, 3).forward(x);

    assertThat(y.getShape()).isEqualTo(new Shape(1, 1, 2, 2));
    assertThat(y.toFloatArray()).containsExactly(3.5f, 3.5f, 0, 0);
  }
}
