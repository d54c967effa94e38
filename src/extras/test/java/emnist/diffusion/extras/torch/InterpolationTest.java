package emnist.diffusion.extras.torch;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class InterpolationTest {

  private final NDManager manager = NDManager.newBaseManager();

  @AfterEach
  void freeArrays() {
    manager.close();
  }

  @Test
  void centresLieAtHalves() {
    assertThat(Interpolation.antialiased(row(0, 4), 1, 4).toFloatArray())
        .containsExactly(0, 1, 3, 4);
  }

  @Test
  void allPixelsCountWhereTheImageShrinks() {
    assertThat(Interpolation.antialiased(row(0, 0, 0, 8), 1, 1).toFloatArray()[0])
        .isBetween(0.5f, 2f);
  }

  @Test
  void tensorFlowsGridBeginsInTheCorner() {
    assertThat(Interpolation.tensorFlow1(row(0, 4), 1, 4).toFloatArray())
        .containsExactly(0, 2, 4, 4);
  }

  @Test
  void tensorFlowSkipsPixelsWhereTheImageShrinks() {
    assertThat(Interpolation.tensorFlow1(row(5, 0, 7, 8), 1, 2).toFloatArray())
        .containsExactly(5, 7);
  }

  @Test
  void rowsAndColumnsHaveTheirOwnScale() {
    NDArray x = manager.create(new float[] {0, 1, 2, 3}, new Shape(1, 1, 2, 2));
    NDArray y = Interpolation.tensorFlow1(x, 4, 2);
    assertThat(y.getShape()).isEqualTo(new Shape(1, 1, 4, 2));
    assertThat(y.toFloatArray()).containsExactly(0, 1, 1, 2, 2, 3, 2, 3);
  }

  @Test
  void leavesNothingBehindButTheResult() {
    NDArray x = row(0, 4);
    Interpolation.tensorFlow1(x, 1, 4);
    assertThat(manager.getManagedArrays()).hasSize(2);
  }

  private NDArray row(float... values) {
    return manager.create(values, new Shape(1, 1, 1, values.length));
  }
}
