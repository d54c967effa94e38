package emnist.diffusion.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import emnist.diffusion.random.CounterRandom;
import emnist.diffusion.torch.Autocast;
import emnist.diffusion.torch.Autograd;
import emnist.diffusion.torch.Gradients;
import emnist.diffusion.torch.TorchRandom;
import emnist.diffusion.training.DeviceDataset.DeviceBatch;

/**
 * One training step: algorithm 1 of Ho, Jain and Abbeel 2020 (arXiv:2006.11239), with its line
 * numbers.
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
  private Gradients gradients;
  private NDArray gradNorm;
  private double learningRate;

  /** Draws noise and timesteps for a batch {@code x_0}, line 2, and computes the gradients. */
  static TrainingStep of(TrainingLoop loop, DeviceBatch batch, int epoch) {
    NDManager manager = batch.images().getManager();
    Shape shape = batch.images().getShape();
    // All that is random in a step follows from this seed, the network's dropout included.
    TorchRandom.manualSeed(CounterRandom.seed(loop.config().seed(), epoch, batch.index()));
    // Line 4: noise ~ N(0, I). diffusers' training script draws it first.
    NDArray noise = manager.randomNormal(shape);
    // Line 3: t ~ Uniform({1, ..., T}), counted from 0 here.
    int count = loop.noiseScheduler().config().numTrainTimesteps();
    NDArray timesteps = manager.randomInteger(0, count, new Shape(shape.get(0)), DataType.INT64);
    return new TrainingStep(loop, batch, noise, timesteps);
  }

  /** Computes the gradients for noise and timesteps that are given. */
  TrainingStep(TrainingLoop loop, DeviceBatch batch, NDArray noise, NDArray timesteps) {
    this.loop = loop;
    this.batch = batch;
    this.noise = noise;
    this.timesteps = timesteps;
    // Line 5, inside: x_t = sqrt(alphasCumprod_t) x_0 + sqrt(1 - alphasCumprod_t) noise.
    this.noisyImages = loop.forwardProcess().addNoise(batch.images(), noise, timesteps);
    // What the network says, and what it should say: the noise, the image or the velocity.
    this.prediction =
        Autocast.in(
            loop.config().mixedPrecision(),
            () -> loop.predict(noisyImages, timesteps, batch.labels()));
    this.target = loop.target(batch.images(), noise, timesteps);
    // Line 5: the gradient of |target - prediction|^2, a share of it where gradients add up.
    this.loss = Autograd.enableGrad(() -> loop.loss(prediction, target, timesteps));
    this.gradients =
        Gradients.of(
            loss, loop.optimizer().parameters(), 1.0 / loop.config().gradientAccumulationSteps());
  }

  /** Adds the gradients of other batches, and frees those: gradient accumulation. */
  void add(Gradients others) {
    gradients.add(others);
  }

  /** Hands the gradients over, to be added to those of another step. */
  Gradients takeGradients() {
    Gradients taken = gradients;
    gradients = null;
    return taken;
  }

  /**
   * Line 5, "take gradient descent step on": clips the gradients to {@code max_grad_norm}, updates
   * the weights by AdamW and moves their average. Once per step; frees the gradients.
   */
  public void update(double lr) {
    learningRate = lr;
    gradNorm =
        loop.optimizer().step(noise.getManager(), gradients, lr, loop.config().maxGradNorm());
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

  /** Mean squared error of this batch, a scalar. */
  public NDArray loss() {
    return loss;
  }

  /** The gradients with those that were added; freed by {@link #update}. */
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

  /** Frees everything the step has made, and its batch. */
  @Override
  public void close() {
    if (gradients != null) {
      gradients.close();
    }
    noise.getManager().close();
  }
}
