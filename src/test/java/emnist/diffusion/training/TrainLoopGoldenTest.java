package emnist.diffusion.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import emnist.diffusion.Golden;
import emnist.diffusion.GoldenModel;
import emnist.diffusion.scheduler.DDPMScheduler;
import emnist.diffusion.scheduler.DDPMSchedulerConfig;
import emnist.diffusion.training.DeviceDataset.DeviceBatch;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Ten steps of diffusers' training loop: network, noise, loss, clipping, AdamW, rate and EMA. */
class TrainLoopGoldenTest {

  private static final int STEPS = 10;
  private static final double PEAK_RATE = 1e-3;
  private static final Golden GOLDEN = Golden.open("train_loop");

  private static final double[] losses = new double[STEPS];
  private static final double[] gradNorms = new double[STEPS];
  private static NDManager manager;
  private static TrainingLoop loop;

  @BeforeAll
  static void train() {
    manager = NDManager.newBaseManager();
    TrainingConfig config =
        TrainingConfig.fromJson(
            """
            {"max_grad_norm": 1, "ema": {"use_ema_warmup": true, "inv_gamma": 1, "power": 0.75}}
            """);
    loop =
        new TrainingLoop(
            GoldenModel.open(manager, "i_2level"),
            new DDPMScheduler(DDPMSchedulerConfig.defaults()),
            config);
    for (int k = 0; k < STEPS; k++) {
      NDManager stepManager = manager.newSubManager();
      NDArray images = GOLDEN.array(stepManager, "x0").get(k);
      NDArray noise = GOLDEN.array(stepManager, "noise").get(k);
      NDArray timesteps = GOLDEN.array(stepManager, "timesteps").get(k);
      DeviceBatch batch = new DeviceBatch(k, images, null);
      try (TrainingStep step = new TrainingStep(loop, batch, noise, timesteps)) {
        step.update(PEAK_RATE * LrScheduler.COSINE.factor(k, 3, STEPS));
        losses[k] = step.loss().getFloat();
        gradNorms[k] = step.gradNorm().getFloat();
      }
    }
  }

  @AfterAll
  static void freeArrays() {
    manager.close();
  }

  @Test
  void theLossesAreThoseOfPython() {
    GOLDEN.assertClose("loss", losses, 1e-5);
  }

  @Test
  void theGradientNormsBeforeClippingAreThoseOfPython() {
    GOLDEN.assertClose("grad_norm", gradNorms, 1e-4);
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
      decays[k] = loop.config().ema().decay(k + 1);
    }
    GOLDEN.assertClose("ema_decay", decays, 1e-12);
  }

  @Test
  void theTrainedWeightsAreThoseOfPython() {
    assertWeights("final.", loop.model().parameters());
  }

  @Test
  void theAveragedWeightsAreThoseOfPython() {
    assertWeights("ema.", loop.averaged().parameters());
  }

  /**
   * Softmax ignores a constant, so the true gradient of a key's bias is 0: what Adam follows there
   * is rounding noise, blown up to steps of the learning rate.
   */
  private static void assertWeights(String prefix, Map<String, NDArray> weights) {
    weights.forEach(
        (name, weight) ->
            GOLDEN.assertClose(
                prefix + name, weight, name.endsWith("to_k.bias") ? STEPS * PEAK_RATE : 1e-4));
  }
}
