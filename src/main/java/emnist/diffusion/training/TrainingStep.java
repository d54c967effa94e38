package emnist.diffusion.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import emnist.diffusion.random.CounterRandom;
import emnist.diffusion.torch.Autocast;
import emnist.diffusion.torch.Functional;
import emnist.diffusion.torch.Gradients;
import emnist.diffusion.torch.TorchRandom;
import emnist.diffusion.training.DeviceDataset.DeviceBatch;

/**
 * One training step: lines 2 to 5 of algorithm 1 in Ho, Jain and Abbeel 2020 (arXiv:2006.11239).
 * The loop of lines 1 and 6 is {@link TrainingLoop#steps}.
 *
 * <p>A new step holds the gradients of its batch; {@link #update} applies them. What a step has
 * made may be looked at until {@link #close}.
 */
public final class TrainingStep implements AutoCloseable {

  private final TrainingLoop loop;
  private final DeviceBatch batch;
  private final NDArray noise;
  private final NDArray timesteps;
  private final NDArray noisyImages;
  private final NDArray prediction;
  private final NDArray target;
  private final NDArray loss;
  private final Gradients gradients;
  private NDArray gradNorm;
  private double learningRate;

  /** The step of a batch (line 2, x_0) with noise and timesteps of (seed, epoch, batch). */
  static TrainingStep of(TrainingLoop loop, DeviceBatch batch, int epoch) {
    NDManager manager = batch.manager();
    Shape shape = batch.images().getShape();
    // All that is drawn here, and the network's dropout, follows from this seed.
    TorchRandom.manualSeed(CounterRandom.seed(loop.config().seed(), epoch, batch.index()));
    // Line 4: ε ~ N(0, I). diffusers' training script draws it before line 3.
    NDArray noise = manager.randomNormal(shape);
    // Line 3: t ~ Uniform({1, ..., T}), counted from 0 here.
    int count = loop.noiseScheduler().config().numTrainTimesteps();
    NDArray timesteps = manager.randomInteger(0, count, new Shape(shape.get(0)), DataType.INT64);
    return new TrainingStep(loop, batch, noise, timesteps);
  }

  TrainingStep(TrainingLoop loop, DeviceBatch batch, NDArray noise, NDArray timesteps) {
    this.loop = loop;
    this.batch = batch;
    this.noise = noise;
    this.timesteps = timesteps;
    NDArray cleanImages = batch.images();
    // Line 5, the network's input: x_t = sqrt(ᾱ_t) x_0 + sqrt(1 - ᾱ_t) ε.
    this.noisyImages = loop.forwardProcess().addNoise(cleanImages, noise, timesteps);
    // Its output, ε_θ(x_t, t) in the paper.
    NDArray labels = loop.model().config().isClassConditional() ? batch.labels() : null;
    this.prediction =
        Autocast.in(
            loop.config().mixedPrecision(),
            () -> loop.model().forwardWithGrad(noisyImages, timesteps, labels));
    // What it should be: ε in the paper, or x_0, or the velocity between them.
    this.target =
        switch (loop.noiseScheduler().config().predictionType()) {
          case EPSILON -> noise;
          case SAMPLE -> cleanImages;
          case V_PREDICTION -> loop.forwardProcess().velocity(cleanImages, noise, timesteps);
        };
    // |target - prediction|², with snr_gamma weighted by the timestep.
    NDArray weights = loop.lossWeights(cleanImages.getManager(), timesteps);
    this.loss = Functional.mseLoss(prediction, target, weights);
    // Its gradient, divided by gradient_accumulation_steps.
    double scale = 1.0 / loop.config().gradientAccumulationSteps();
    this.gradients = Gradients.of(loss, loop.optimizer().parameters(), scale);
  }

  /**
   * Line 5, "take gradient descent step on": clips the gradients to {@code max_grad_norm}, updates
   * the weights by AdamW and moves their average. Once per step.
   */
  public void update(double lr) {
    NDManager manager = batch.manager();
    learningRate = lr;
    gradNorm = loop.optimizer().step(manager, gradients, lr, loop.config().maxGradNorm());
    loop.ema().step(loop.model().parameters());
  }

  /** The clean images with their classes. */
  public DeviceBatch batch() {
    return batch;
  }

  /** The noise, of the shape of the images. */
  public NDArray noise() {
    return noise;
  }

  /** The timestep of each image, int64 {@code (N)}. */
  public NDArray timesteps() {
    return timesteps;
  }

  /** The network's input {@code x_t}. */
  public NDArray noisyImages() {
    return noisyImages;
  }

  /** The network's output. */
  public NDArray prediction() {
    return prediction;
  }

  /** What the output should be: the noise, the clean images or the velocity. */
  public NDArray target() {
    return target;
  }

  /** The loss of this batch, a scalar. */
  public NDArray loss() {
    return loss;
  }

  /** The gradients of this batch; {@link #update} frees them, but not their loss. */
  public Gradients gradients() {
    return gradients;
  }

  /** Global norm of the gradients before clipping, a scalar; null before {@link #update}. */
  public NDArray gradNorm() {
    return gradNorm;
  }

  /** Learning rate of the update; 0 before {@link #update}. */
  public double learningRate() {
    return learningRate;
  }

  /** Frees everything the step has made, and the manager of its batch. */
  @Override
  public void close() {
    gradients.close();
    batch.close();
  }
}
