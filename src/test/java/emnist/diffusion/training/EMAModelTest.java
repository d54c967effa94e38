package emnist.diffusion.training;

import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import emnist.diffusion.Golden;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EMAModelTest {

  private static final Golden GOLDEN = Golden.open("train_ema");

  @ParameterizedTest
  @CsvSource({
    "default, 0.9999, 0, 0, false, 1, 0.6666666666666666",
    "warmup_2_3, 0.9999, 0, 0, true, 1, 0.6666666666666666",
    "warmup_3_4, 0.9999, 0, 0, true, 1, 0.75",
    "train_uncond, 0.9999, 0, 0, true, 1, 0.75",
    "after100, 0.9999, 0, 100, false, 1, 0.6666666666666666",
    "min0.5, 0.9999, 0.5, 0, false, 1, 0.6666666666666666",
    "decay0.995, 0.995, 0, 0, false, 1, 0.6666666666666666",
    "warmup_g2, 0.999, 0, 0, true, 2, 1",
  })
  void theDecayOfEachStepIsThatOfDiffusers(
      String setting,
      double decay,
      double minDecay,
      long updateAfterStep,
      boolean warmup,
      double invGamma,
      double power) {
    var config = new EMAModel.Config(decay, minDecay, updateAfterStep, warmup, invGamma, power);

    double[] found = Arrays.stream(GOLDEN.longs("steps")).mapToDouble(config::decay).toArray();

    GOLDEN.assertClose("decay." + setting, found, 1e-12);
  }

  @ParameterizedTest
  @CsvSource({
    "default, 0, 0, false, 0.6666666666666666",
    "warmup, 0, 0, true, 0.75",
    "after5_min0.3, 0.3, 5, false, 0.6666666666666666",
  })
  void theAverageAfterThirtyStepsIsThatOfDiffusers(
      String run, double minDecay, long updateAfterStep, boolean warmup, double power) {
    try (NDManager manager = NDManager.newBaseManager()) {
      NDArray params = GOLDEN.array(manager, "run.params");
      NDArray expected = GOLDEN.array(manager, "run." + run + ".shadow");
      var config = new EMAModel.Config(0.9999, minDecay, updateAfterStep, warmup, 1, power);
      NDArray shadow = params.get(0).duplicate();
      EMAModel ema = new EMAModel(Map.of("p", shadow), config);

      for (int step = 0; step < 30; step++) {
        ema.step(Map.of("p", params.get(step + 1)));
        float[] wanted = expected.get(step).toFloatArray();
        float[] found = shadow.toFloatArray();
        Golden.assertClose(run + " step " + step, widen(found), widen(wanted), 1e-6);
      }
    }
  }

  @Test
  void refusesADecayAboveOne() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new EMAModel.Config(1.5, 0, 0, false, 1, 0.75))
        .withMessage(
            "Expected decay and min_decay in [0, 1], found 1.5 and 0.0. diffusers' defaults are 0.9999 and 0.");
  }

  @Test
  void refusesOtherWeights() {
    try (NDManager manager = NDManager.newBaseManager()) {
      var ema = new EMAModel(Map.of("a", manager.zeros(new Shape(1))), EMAModel.Config.DEFAULT);

      assertThatIllegalArgumentException()
          .isThrownBy(() -> ema.step(Map.of()))
          .withMessage(
              "Expected the weights [a], found only []. Pass those of the averaged network.");
    }
  }

  private static double[] widen(float[] values) {
    double[] widened = new double[values.length];
    Arrays.setAll(widened, i -> values[i]);
    return widened;
  }
}
