package emnist.diffusion.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import emnist.diffusion.Golden;
import emnist.diffusion.torch.MixedPrecision;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Ten steps of diffusers' training loop: network, noise, loss, clipping, AdamW, rate and EMA. */
class TrainLoopGoldenTest {

  private static final int STEPS = GoldenTraining.STEPS;
  private static final double PEAK_RATE = GoldenTraining.PEAK_RATE;
  private static final Golden GOLDEN = GoldenTraining.GOLDEN;

  private static NDManager manager;
  private static GoldenTraining training;

  @BeforeAll
  static void train() {
    manager = NDManager.newBaseManager();
    training = GoldenTraining.run(manager, MixedPrecision.NO);
  }

  @AfterAll
  static void freeArrays() {
    manager.close();
  }

  @Test
  void theLossesAreThoseOfPython() {
    GOLDEN.assertClose("loss", training.losses(), 1e-5);
  }

  @Test
  void theGradientNormsBeforeClippingAreThoseOfPython() {
    GOLDEN.assertClose("grad_norm", training.gradNorms(), 1e-4);
  }

  @Test
  void theLearningRatesAreThoseOfPython() {
    double[] rates = new double[STEPS];
    for (int k = 0; k < STEPS; k++) {
      rates[k] = PEAK_RATE * LrScheduler.COSINE.factor(k, 3, STEPS);
    }
    GOLDEN.assertClose("lr", rates, 1e-12);
  }

  @Test
  void theDecaysOfTheAverageAreThoseOfPython() {
    double[] decays = new double[STEPS];
    for (int k = 0; k < STEPS; k++) {
      decays[k] = training.loop().config().ema().decay(k + 1);
    }
    GOLDEN.assertClose("ema_decay", decays, 1e-12);
  }

  @Test
  void theTrainedWeightsAreThoseOfPython() {
    assertWeights("final.", training.loop().model().parameters());
  }

  @Test
  void theAveragedWeightsAreThoseOfPython() {
    assertWeights("ema.", training.loop().averaged().parameters());
  }

  private static void assertWeights(String prefix, Map<String, NDArray> weights) {
    weights.forEach(
        (name, weight) ->
            GOLDEN.assertClose(
                prefix + name, weight, GoldenTraining.isNoise(name) ? STEPS * PEAK_RATE : 1e-4));
  }
}
