package emnist.diffusion.extras.torch;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PoolingTest {

  private final NDManager manager = NDManager.newBaseManager();

  @AfterEach
  void freeArrays() {
    manager.close();
  }

  @Test
  void averages3x3WindowsOverWhatLiesWithinTheImage() {
    NDArray x = manager.arange(1f, 10f).reshape(1, 1, 3, 3);

    assertThat(Pooling.average3x3(x).toFloatArray())
        .containsExactly(3, 3.5f, 4, 4.5f, 5, 5.5f, 6, 6.5f, 7);
  }

  @Test
  void takesTheMaximumOf3x3Windows() {
    NDArray x = manager.arange(1f, 26f).reshape(1, 1, 5, 5);

    assertThat(Pooling.max3x3(2, 0).apply(x).toFloatArray()).containsExactly(13, 15, 23, 25);
    assertThat(Pooling.max3x3(2, 1).apply(x.neg()).toFloatArray())
        .containsExactly(-1, -2, -4, -6, -7, -9, -16, -17, -19);
  }

  @Test
  void averagesEveryChannel() {
    NDArray x = manager.arange(8f).reshape(1, 2, 2, 2);

    NDArray y = Pooling.globalAverage(x);

    assertThat(y.getShape()).isEqualTo(new Shape(1, 2, 1, 1));
    assertThat(y.toFloatArray()).containsExactly(1.5f, 5.5f);
  }
}
