package emnist.diffusion.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import emnist.diffusion.model.UNet2DModel;
import emnist.diffusion.scheduler.ForwardProcess;
import emnist.diffusion.scheduler.PredictionType;
import emnist.diffusion.scheduler.Scheduler;
import emnist.diffusion.torch.Autocast;
import emnist.diffusion.torch.Functional;
import emnist.diffusion.torch.MixedPrecision;
import emnist.diffusion.training.DeviceDataset.DeviceBatch;

/**
 * Mean squared error of a network's prediction at random timesteps (Ho, Jain and Abbeel 2020,
 * equation 14). Noise and timesteps are drawn on the device of the images.
 */
final class DenoisingLoss {

  private final UNet2DModel model;
  private final PredictionType predictionType;
  private final MixedPrecision precision;
  private final ForwardProcess scales;
  private final NDArray timestepWeights;

  /**
   * Prepares the tables of a schedule.
   *
   * @param manager owner of the tables
   */
  DenoisingLoss(
      NDManager manager, UNet2DModel model, Scheduler noiseScheduler, TrainingConfig config) {
    Double snrGamma = config.snrGamma();
    this.precision = config.mixedPrecision();
    this.model = model;
    this.predictionType = noiseScheduler.config().predictionType();
    this.scales = noiseScheduler.noiseSchedule().scales(manager);
    this.timestepWeights =
        snrGamma == null
            ? null
            : manager.create(
                noiseScheduler.noiseSchedule().minSnrWeights(predictionType, snrGamma));
  }

  /** The loss of a batch, a scalar, recorded for its gradients. */
  NDArray of(DeviceBatch batch) {
    NDArray cleanImages = batch.images();
    NDManager step = cleanImages.getManager();
    NDArray noise = step.randomNormal(cleanImages.getShape());
    NDArray timesteps =
        step.randomInteger(
            0, scales.signal().size(), new Shape(cleanImages.getShape().get(0)), DataType.INT64);
    NDArray noisyImages = scales.addNoise(cleanImages, noise, timesteps);
    NDArray labels = model.config().numClassEmbeds() == null ? null : batch.labels();
    NDArray noisePred =
        Autocast.in(precision, () -> model.forwardWithGrad(noisyImages, timesteps, labels));
    NDArray target =
        switch (predictionType) {
          case EPSILON -> noise;
          case SAMPLE -> cleanImages;
          case V_PREDICTION -> scales.velocity(cleanImages, noise, timesteps);
        };
    if (timestepWeights == null) {
      return Functional.mseLoss(noisePred, target);
    }
    NDArray weights = timestepWeights.gather(timesteps, 0);
    weights.attach(step); // DJL gives it to the manager of the table
    return Functional.mseLoss(noisePred, target, weights);
  }
}
