package emnist.diffusion.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import emnist.diffusion.checkpoint.Checkpoint;
import emnist.diffusion.checkpoint.RunRecord;
import emnist.diffusion.generation.ClassConditioning;
import emnist.diffusion.generation.DDPMPipeline;
import emnist.diffusion.model.UNet2DModel;
import emnist.diffusion.scheduler.ForwardProcess;
import emnist.diffusion.scheduler.Scheduler;
import emnist.diffusion.torch.AdamW;
import emnist.diffusion.training.DeviceDataset.DeviceBatch;
import java.util.stream.IntStream;

/**
 * What all training steps share: the network, its average, the optimizer and the noise schedule;
 * and the loop over them, lines 1 and 6 of algorithm 1 in Ho et al. 2020:
 *
 * <pre>{@code
 * for (TrainingStep step : loop.steps(epoch, 1, 0)) {
 *   try (step) {
 *     step.update(1e-4);
 *   }
 * }
 * }</pre>
 */
public final class TrainingLoop implements AutoCloseable {

  private final UNet2DModel model;
  private final Scheduler noiseScheduler;
  private final TrainingConfig config;
  private final NDManager manager;
  private final UNet2DModel averaged;
  private final EMAModel ema;
  private final AdamW optimizer;
  private final ForwardProcess forwardProcess;
  private final NDArray timestepWeights;

  /**
   * Prepares to train; the average starts at the weights of this moment.
   *
   * @param model the network to train, changed by each update
   * @param noiseScheduler adds the noise
   */
  public TrainingLoop(UNet2DModel model, Scheduler noiseScheduler, TrainingConfig config) {
    this.model = model;
    this.noiseScheduler = noiseScheduler;
    this.config = config;
    this.manager = model.manager().newSubManager();
    this.averaged = model.copy(manager);
    this.ema = new EMAModel(averaged.parameters(), config.ema());
    this.optimizer = new AdamW(manager, model.parameters(), config.adamw());
    this.forwardProcess = noiseScheduler.noiseSchedule().scales(manager);
    this.timestepWeights =
        config.snrGamma() == null
            ? null
            : manager.create(
                noiseScheduler
                    .noiseSchedule()
                    .minSnrWeights(noiseScheduler.config().predictionType(), config.snrGamma()));
  }

  /**
   * A step for each batch of an epoch, made when the loop asks for it. The loop's body closes it.
   *
   * @param number the epoch, counted from 1
   * @param firstBatch the first batch, counted from 0; above 0 where a run resumes
   */
  public Iterable<TrainingStep> steps(DeviceDataset.Epoch epoch, int number, int firstBatch) {
    return () ->
        IntStream.range(firstBatch, epoch.batches())
            .mapToObj(batch -> step(epoch.batch(batch), number))
            .iterator();
  }

  /**
   * The step of a batch; noise and timesteps are functions of (seed, epoch, batch).
   *
   * @param batch under a manager of its own, which the step closes
   * @param epoch counted from 1
   */
  public TrainingStep step(DeviceBatch batch, int epoch) {
    return TrainingStep.of(this, batch, epoch);
  }

  /** The Min-SNR weight of each image in the loss, {@code (N)}; null without {@code snr_gamma}. */
  NDArray lossWeights(NDManager manager, NDArray timesteps) {
    if (timestepWeights == null) {
      return null;
    }
    NDArray weights = timestepWeights.gather(timesteps, 0);
    weights.attach(manager); // DJL gives it to the manager of the table
    return weights;
  }

  /** The network that is trained. */
  public UNet2DModel model() {
    return model;
  }

  /** The network with the averaged weights, which makes the better pictures. */
  public UNet2DModel averaged() {
    return averaged;
  }

  /** Its schedule adds the noise, and its configuration says what the network predicts. */
  public Scheduler noiseScheduler() {
    return noiseScheduler;
  }

  public TrainingConfig config() {
    return config;
  }

  /** The network's classes, with the one that label dropout puts in place of an image's own. */
  ClassConditioning conditioning() {
    return ClassConditioning.trainedWith(model.config(), config.labelDropout());
  }

  /** Generates with the averaged weights of the moment. */
  DDPMPipeline pipeline() {
    return new DDPMPipeline(averaged, noiseScheduler, conditioning().nullClass());
  }

  /** What a checkpoint of this moment holds. */
  Checkpoint.State state(RunRecord description) {
    return new Checkpoint.State(
        model, averaged, optimizer.stateDict(), noiseScheduler.config(), description);
  }

  /** Owns what training needs besides the network. */
  NDManager manager() {
    return manager;
  }

  AdamW optimizer() {
    return optimizer;
  }

  EMAModel ema() {
    return ema;
  }

  ForwardProcess forwardProcess() {
    return forwardProcess;
  }

  /** Frees the optimizer and the averaged network; the trained one stays its owner's. */
  @Override
  public void close() {
    manager.close();
  }
}
