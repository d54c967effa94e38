package emnist.diffusion.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import emnist.diffusion.Golden;
import emnist.diffusion.GoldenModel;
import emnist.diffusion.model.UNet2DModel;
import emnist.diffusion.nn.StateDict;
import emnist.diffusion.scheduler.DDPMScheduler;
import emnist.diffusion.scheduler.DDPMSchedulerConfig;
import emnist.diffusion.torch.Autograd;
import emnist.diffusion.torch.Functional;
import emnist.diffusion.torch.Gradients;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Ten steps of diffusers' training loop: network, noise, loss, clipping, AdamW, rate and EMA. */
class TrainLoopGoldenTest {

  private static final int STEPS = 10;
  private static final double PEAK_RATE = 1e-3;
  private static final Golden GOLDEN = Golden.open("train_loop");
  private static final EMAModel.Config EMA = new EMAModel.Config(0.9999, 0, 0, true, 1, 0.75);

  private static final double[] losses = new double[STEPS];
  private static final double[] gradNorms = new double[STEPS];
  private static NDManager manager;
  private static UNet2DModel model;
  private static UNet2DModel averaged;

  @BeforeAll
  static void train() {
    manager = NDManager.newBaseManager();
    model = GoldenModel.open(manager, "i_2level");
    averaged = new UNet2DModel(manager, model.config(), 0);
    StateDict.load(averaged.parameters(), model.parameters());
    EMAModel ema = new EMAModel(averaged.parameters(), EMA);
    AdamW optimizer = new AdamW(manager, model.parameters(), AdamW.Config.DEFAULT);
    DDPMScheduler noiseScheduler = new DDPMScheduler(DDPMSchedulerConfig.defaults());
    for (int k = 0; k < STEPS; k++) {
      NDArray x0 = GOLDEN.array(manager, "x0").get(k);
      NDArray noise = GOLDEN.array(manager, "noise").get(k);
      NDArray timesteps = GOLDEN.array(manager, "timesteps").get(k);
      NDArray noisy = noiseScheduler.addNoise(x0, noise, timesteps);
      NDArray loss =
          Autograd.enableGrad(
              () -> Functional.mseLoss(model.forwardWithGrad(noisy, timesteps, null), noise));
      losses[k] = loss.getFloat();
      Gradients gradients = Gradients.of(loss, optimizer.parameters());
      double lr = PEAK_RATE * LrScheduler.COSINE.factor(k, 3, STEPS);
      gradNorms[k] = optimizer.step(manager, gradients, lr, 1).getFloat();
      ema.step(model.parameters());
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
      decays[k] = EMA.decay(k + 1);
    }
    GOLDEN.assertClose("ema_decay", decays, 1e-12);
  }

  @Test
  void theTrainedWeightsAreThoseOfPython() {
    assertWeights("final.", model.parameters());
  }

  @Test
  void theAveragedWeightsAreThoseOfPython() {
    assertWeights("ema.", averaged.parameters());
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
