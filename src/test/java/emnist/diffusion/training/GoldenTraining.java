package emnist.diffusion.training;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import emnist.diffusion.Golden;
import emnist.diffusion.GoldenModel;
import emnist.diffusion.scheduler.DDPMScheduler;
import emnist.diffusion.scheduler.DDPMSchedulerConfig;
import emnist.diffusion.torch.MixedPrecision;
import emnist.diffusion.training.DeviceDataset.DeviceBatch;

/**
 * Ten steps of training with the images, noise and timesteps of the file {@code train_loop}.
 *
 * @param loop after the steps
 * @param losses of each step
 * @param gradNorms of each step, before clipping
 */
public record GoldenTraining(TrainingLoop loop, double[] losses, double[] gradNorms) {

  public static final Golden GOLDEN = Golden.open("train_loop");
  static final int STEPS = 10;
  static final double PEAK_RATE = 1e-3;

  /** Trains. */
  public static GoldenTraining run(NDManager manager, MixedPrecision precision) {
    TrainingConfig config =
        TrainingConfig.fromJson(
            """
            {"max_grad_norm": 1, "ema": {"use_ema_warmup": true, "inv_gamma": 1, "power": 0.75},
             "mixed_precision": "%s"}
            """
                .formatted(precision == MixedPrecision.NO ? "no" : "bf16"));
    TrainingLoop loop =
        new TrainingLoop(
            GoldenModel.open(manager, "i_2level"),
            new DDPMScheduler(DDPMSchedulerConfig.defaults()),
            config);
    GoldenTraining training = new GoldenTraining(loop, new double[STEPS], new double[STEPS]);
    for (int k = 0; k < STEPS; k++) {
      NDManager stepManager = manager.newSubManager();
      NDArray images = GOLDEN.array(stepManager, "x0").get(k);
      NDArray noise = GOLDEN.array(stepManager, "noise").get(k);
      NDArray timesteps = GOLDEN.array(stepManager, "timesteps").get(k);
      DeviceBatch batch = new DeviceBatch(k, images, null);
      try (TrainingStep step = new TrainingStep(loop, batch, noise, timesteps)) {
        step.update(PEAK_RATE * LrScheduler.COSINE.factor(k, 3, STEPS));
        training.losses[k] = step.loss().getFloat();
        training.gradNorms[k] = step.gradNorm().getFloat();
      }
    }
    return training;
  }

  /**
   * Whether Adam's steps on a weight are noise: softmax ignores a constant, so the true gradient of
   * a key's bias is 0, and what Adam follows there is rounding, blown up to steps of the rate.
   */
  public static boolean isNoise(String weight) {
    return weight.endsWith("to_k.bias");
  }

  /** What the trainer makes of an error of the engine. */
  public static RuntimeException explained(EngineException e, TrainingConfig config) {
    return OutOfMemory.explain(e, config);
  }
}
