package emnist.diffusion.bench;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import emnist.diffusion.model.UNet2DModel;
import emnist.diffusion.model.UNet2DModelConfig;
import emnist.diffusion.torch.Autocast;
import emnist.diffusion.torch.Devices;
import emnist.diffusion.torch.MixedPrecision;
import emnist.diffusion.training.DeviceDataset.DeviceBatch;
import emnist.diffusion.training.TrainingConfig;
import emnist.diffusion.training.TrainingLoop;
import emnist.diffusion.training.TrainingStep;

/** A network with a batch of noise, and what is done with them, as the trainer does it. */
final class Network implements AutoCloseable {

  private static final double LEARNING_RATE = 1e-4;

  private final NDManager manager =
      NDManager.newBaseManager(Devices.named(System.getenv("DEVICE")));
  private final UNet2DModel model;
  private final int batch;
  private final int size;
  private final MixedPrecision precision;
  private final NDArray labels;
  private final NDArray sample;
  private TrainingLoop loop;

  Network(UNet2DModelConfig config, int batch, int size, MixedPrecision precision) {
    this.model = new UNet2DModel(manager, config, 0);
    this.batch = batch;
    this.size = size;
    this.precision = precision;
    this.labels =
        config.numClassEmbeds() == null ? null : manager.zeros(new Shape(batch), DataType.INT64);
    this.sample = manager.randomNormal(new Shape(batch, 1, size, size));
  }

  UNet2DModel model() {
    return model;
  }

  int batch() {
    return batch;
  }

  int size() {
    return size;
  }

  NDManager manager() {
    return manager;
  }

  /** A prediction, as sampling asks for it. */
  void forward() {
    try (NDManager step = manager.newSubManager()) {
      NDArray x = sample.duplicate();
      x.attach(step);
      await(Autocast.in(precision, () -> model.forward(x, 500, labels)));
    }
  }

  /** Noise, prediction, loss, gradients, clipping, AdamW and average. */
  void trainingStep() {
    try (TrainingStep step = step()) {
      step.update(LEARNING_RATE);
      await(step.gradNorm());
    }
  }

  /** What a training step does after the backward pass; its time alone in milliseconds. */
  double update() {
    try (TrainingStep step = step();
        NDManager looking = manager.newSubManager()) {
      await(step.gradients().toList(looking).get(0));
      return Timing.timed(
              () -> {
                step.update(LEARNING_RATE);
                await(step.gradNorm());
              })
          .getAsDouble();
    }
  }

  /** Noise, prediction, loss and gradients; the next call may come before they are there. */
  TrainingStep step() {
    if (loop == null) {
      TrainingConfig config =
          TrainingConfig.fromJson(
              "{\"mixed_precision\": \"%s\"}"
                  .formatted(precision == MixedPrecision.BF16 ? "bf16" : "no"));
      loop = new TrainingLoop(model, Preset.README.schedulerConfig().createScheduler(), config);
    }
    NDArray images = sample.duplicate();
    images.attach(manager.newSubManager());
    return loop.step(new DeviceBatch(0, images, labels), 1);
  }

  /** Reads one number, which on a GPU waits for all work before it. */
  private static void await(NDArray result) {
    result.flatten().getFloat(0);
  }

  @Override
  public void close() {
    model.close();
    manager.close();
  }
}
