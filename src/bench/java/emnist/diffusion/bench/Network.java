package emnist.diffusion.bench;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import emnist.diffusion.model.UNet2DModel;
import emnist.diffusion.model.UNet2DModelConfig;
import emnist.diffusion.nn.StateDict;
import emnist.diffusion.scheduler.ForwardProcess;
import emnist.diffusion.torch.Autocast;
import emnist.diffusion.torch.Autograd;
import emnist.diffusion.torch.Devices;
import emnist.diffusion.torch.Functional;
import emnist.diffusion.torch.Gradients;
import emnist.diffusion.torch.MixedPrecision;
import emnist.diffusion.training.AdamW;
import emnist.diffusion.training.EMAModel;
import emnist.diffusion.walkthrough.Preset;

/** A network with a batch of noise, and what is done with them, as the trainer does it. */
final class Network implements AutoCloseable {

  private static final double LEARNING_RATE = 1e-4;

  private final NDManager manager =
      NDManager.newBaseManager(Devices.named(System.getenv("DEVICE")));
  private final UNet2DModel model;
  private final int batch;
  private final int size;
  private final MixedPrecision precision;
  private final ForwardProcess scales;
  private final NDArray labels;
  private final NDArray sample;
  private AdamW optimizer;
  private EMAModel ema;

  Network(UNet2DModelConfig config, int batch, int size, MixedPrecision precision) {
    this.model = new UNet2DModel(manager, config, 0);
    this.batch = batch;
    this.size = size;
    this.precision = precision;
    this.scales = Preset.README.schedulerConfig().createScheduler().noiseSchedule().scales(manager);
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
    prepareOptimizer();
    try (NDManager step = manager.newSubManager();
        Gradients gradients = gradients(step)) {
      await(update(step, gradients));
    }
  }

  /** What a training step does after the backward pass; its time alone in milliseconds. */
  double update() {
    prepareOptimizer();
    try (NDManager step = manager.newSubManager();
        Gradients gradients = gradients(step)) {
      await(gradients.toList(step).get(0));
      return Timing.timed(() -> await(update(step, gradients))).getAsDouble();
    }
  }

  private void prepareOptimizer() {
    if (optimizer == null) {
      optimizer = new AdamW(manager, model.parameters(), AdamW.Config.DEFAULT);
      UNet2DModel averaged = new UNet2DModel(manager, model.config(), 0);
      StateDict.load(averaged.parameters(), model.parameters());
      ema = new EMAModel(averaged.parameters(), EMAModel.Config.DEFAULT);
    }
  }

  private Gradients gradients(NDManager step) {
    NDArray clean = sample.duplicate();
    clean.attach(step);
    NDArray noise = step.randomNormal(clean.getShape());
    NDArray timesteps = step.randomInteger(0, 1000, new Shape(batch), DataType.INT64);
    NDArray noisy = scales.addNoise(clean, noise, timesteps);
    NDArray predicted =
        Autocast.in(precision, () -> model.forwardWithGrad(noisy, timesteps, labels));
    NDArray loss = Autograd.enableGrad(() -> Functional.mseLoss(predicted, noise));
    return Gradients.of(loss, optimizer.parameters());
  }

  private NDArray update(NDManager step, Gradients gradients) {
    NDArray norm = optimizer.step(step, gradients, LEARNING_RATE, 1);
    ema.step(model.parameters());
    return norm;
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
