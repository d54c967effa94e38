package emnist.diffusion.model;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import emnist.diffusion.Golden;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TimeProjectionTest {

  private final NDManager manager = NDManager.newBaseManager();

  @AfterEach
  void freeArrays() {
    manager.close();
  }

  @ParameterizedTest
  @CsvSource({
    "false, 0.84147, 0.09983, 0.54030, 0.99500",
    "true, 0.54030, 0.99500, 0.84147, 0.09983"
  })
  void theSinusoidHasSinesAndCosinesInTheOrderAskedFor(
      boolean flipSinToCos, double a, double b, double c, double d) {
    NDArray t = manager.create(new float[] {1});
    NDArray frequencies = manager.create(new float[] {1, 0.1f});

    NDArray e = TimeProjection.sinusoid(flipSinToCos, false).apply(t, frequencies);

    assertThat(e.getShape()).isEqualTo(new Shape(1, 4));
    Golden.assertClose(
        "embedding", Golden.widened(e.toFloatArray()), new double[] {a, b, c, d}, 1e-5);
  }

  @Test
  void anOddSinusoidEndsInAZero() {
    NDArray e =
        TimeProjection.sinusoid(true, true)
            .apply(manager.create(new float[] {0, 0}), manager.create(new float[] {1}));

    assertThat(e.getShape()).isEqualTo(new Shape(2, 3));
    assertClose(e, 1, 0, 0, 1, 0, 0);
  }

  @Test
  void fourierFeaturesAreThoseOfTheLogarithm() {
    NDArray t = manager.create(new float[] {(float) Math.exp(0.25)});

    NDArray e = TimeProjection.gaussianFourier().apply(t, manager.create(new float[] {1}));

    Golden.assertClose("features", Golden.widened(e.toFloatArray()), new double[] {1, 0}, 1e-5);
  }

  private static void assertClose(NDArray actual, double... expected) {
    Golden.assertClose("result", Golden.widened(actual.toFloatArray()), expected, 1e-6);
  }
}
