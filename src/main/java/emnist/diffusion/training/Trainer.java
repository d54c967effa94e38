package emnist.diffusion.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import com.google.gson.JsonObject;
import emnist.diffusion.checkpoint.Checkpoint;
import emnist.diffusion.data.EmnistDataset;
import emnist.diffusion.generation.DDPMPipeline;
import emnist.diffusion.model.UNet2DModel;
import emnist.diffusion.nn.StateDict;
import emnist.diffusion.scheduler.Scheduler;
import emnist.diffusion.torch.Autograd;
import emnist.diffusion.torch.Gradients;
import emnist.diffusion.torch.TorchRandom;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * Trains a {@link UNet2DModel} to predict noise, image or velocity (Ho, Jain and Abbeel 2020,
 * algorithm 1).
 *
 * <p>After every epoch it writes a checkpoint and hands over to the caller. Every random draw is a
 * function of (seed, epoch, batch), so that a run can be repeated to the bit on a CPU.
 */
public final class Trainer implements AutoCloseable {

  /** What is done after an epoch, its checkpoint written; may generate and draw. */
  @FunctionalInterface
  public interface AfterEpoch {
    void accept(EpochResult epoch) throws IOException, InterruptedException;
  }

  /**
   * An epoch that is done.
   *
   * @param epoch counted from 1
   * @param loss mean loss over the epoch
   * @param checkpoint where the epoch is saved
   * @param pipeline generates with the averaged weights of this moment; training changes them
   */
  public record EpochResult(int epoch, double loss, Checkpoint checkpoint, DDPMPipeline pipeline) {}

  private final UNet2DModel model;
  private final Scheduler noiseScheduler;
  private final TrainingConfig config;
  private final Path outputDir;
  private final NDManager manager;
  private final UNet2DModel averaged;
  private final EMAModel ema;
  private final AdamW optimizer;
  private final LossCurve lossCurve;
  private final DenoisingLoss denoisingLoss;

  /**
   * Prepares a run.
   *
   * @param model the network to train, changed by it
   * @param noiseScheduler adds the noise
   * @param outputDir where the epochs are saved, such as {@code emnist_diffusion_model}
   */
  public Trainer(
      UNet2DModel model, Scheduler noiseScheduler, TrainingConfig config, Path outputDir) {
    this.model = model;
    this.noiseScheduler = noiseScheduler;
    this.config = config;
    this.outputDir = outputDir;
    this.manager = model.manager().newSubManager();
    this.averaged = new UNet2DModel(manager, model.config(), config.seed());
    StateDict.load(averaged.parameters(), model.parameters());
    this.ema = new EMAModel(averaged.parameters(), config.ema());
    this.optimizer = new AdamW(manager, model.parameters(), config.adamw());
    this.lossCurve = new LossCurve(manager);
    this.denoisingLoss = new DenoisingLoss(manager, model, noiseScheduler, config);
  }

  /**
   * Runs all epochs.
   *
   * @param data the images; their labels condition the network if it has classes
   * @param afterEpoch called after every epoch
   * @throws InterruptedException if the thread is interrupted; the state of that moment is then
   *     saved as {@code interrupted}
   */
  public void train(EmnistDataset data, AfterEpoch afterEpoch)
      throws IOException, InterruptedException {
    requireFittingClasses(data);
    int batches = ceilDiv(data.size(), config.trainBatchSize());
    long totalUpdates =
        (long) config.numEpochs() * ceilDiv(batches, config.gradientAccumulationSteps());
    LearningRateSchedule lrScheduler =
        config.lrScheduler().schedule(config.lrWarmupSteps(), totalUpdates);
    RunDescription run = new RunDescription(config, model, data);
    try (DeviceDataset onDevice = new DeviceDataset(manager, data, config.trainBatchSize());
        TrainingProgress progress = new TrainingProgress("Training", config.numEpochs(), batches)) {
      for (int epoch = 1; epoch <= config.numEpochs(); epoch++) {
        runEpoch(data, onDevice, epoch, lrScheduler, progress);
        double loss = lossCurve.endEpoch();
        Checkpoint checkpoint = save("epoch_" + epoch, run.after(epoch, loss));
        if (epoch > 1 && !config.keepOptimizerStates()) {
          Checkpoint.of(outputDir, epoch - 1).dropOptimizer();
        }
        afterEpoch.accept(new EpochResult(epoch, loss, checkpoint, pipeline()));
      }
    } catch (InterruptedException | ClosedByInterruptException e) {
      // Whoever wrote a file when the interrupt came left the flag set; saving needs it cleared.
      Thread.interrupted();
      Checkpoint checkpoint = save("interrupted", run.interrupted());
      throw new InterruptedException(
          "Training was interrupted; the network of that moment is in %s."
              .formatted(checkpoint.folder()));
    }
  }

  private void runEpoch(
      EmnistDataset data,
      DeviceDataset onDevice,
      int epoch,
      LearningRateSchedule lrScheduler,
      TrainingProgress progress)
      throws InterruptedException {
    int batches = ceilDiv(data.size(), config.trainBatchSize());
    int accumulated = config.gradientAccumulationSteps();
    long update = (epoch - 1L) * ceilDiv(batches, accumulated);
    int[] order = data.order(config.seed(), epoch);
    try (DeviceDataset.Epoch images = onDevice.epoch(order, shownLabels(data, order, epoch))) {
      for (int first = 0; first < batches; first += accumulated) {
        try (NDManager step = manager.newSubManager();
            Gradients sum = gradients(step, images, epoch, first)) {
          progress.step(epoch, images.size(first), lossCurve.latest());
          for (int i = first + 1; i < Math.min(first + accumulated, batches); i++) {
            sum.add(gradients(step, images, epoch, i));
            progress.step(epoch, images.size(i), lossCurve.latest());
          }
          double lr = config.learningRate() * lrScheduler.factor(update);
          NDArray gradNorm = optimizer.step(step, sum, lr, config.maxGradNorm());
          ema.step(model.parameters());
          lossCurve.update(++update, lr, gradNorm);
        }
      }
    }
  }

  /** Gradients of one batch, its share of those of an update. */
  private Gradients gradients(NDManager update, DeviceDataset.Epoch images, int epoch, int index)
      throws InterruptedException {
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
    try (NDManager step = update.newSubManager()) {
      TorchRandom.manualSeed(batchSeed(epoch, index));
      NDArray loss = Autograd.enableGrad(() -> denoisingLoss.of(images.batch(step, index)));
      lossCurve.add(loss.stopGradient());
      return Gradients.of(loss, optimizer.parameters(), 1.0 / config.gradientAccumulationSteps());
    }
  }

  private long batchSeed(int epoch, int index) {
    return TorchRandom.seed(config.seed(), epoch, index);
  }

  /** The labels of an epoch in its order, some of them replaced by "no class". */
  private long[] shownLabels(EmnistDataset data, int[] order, int epoch) {
    long[] labels = Arrays.stream(order).mapToLong(data::label).toArray();
    SplittableRandom random = null;
    for (int place = 0; place < labels.length && config.labelDropout() > 0; place++) {
      if (place % config.trainBatchSize() == 0) {
        random = new SplittableRandom(batchSeed(epoch, place / config.trainBatchSize()));
      }
      if (random.nextDouble() < config.labelDropout()) {
        labels[place] = model.config().numClassEmbeds() - 1;
      }
    }
    return labels;
  }

  private DDPMPipeline pipeline() {
    DDPMPipeline pipeline = new DDPMPipeline(averaged, noiseScheduler);
    return config.labelDropout() > 0
        ? pipeline.withNullClass(model.config().numClassEmbeds() - 1)
        : pipeline;
  }

  private Checkpoint save(String name, JsonObject run) throws IOException {
    return Checkpoint.write(
        outputDir,
        name,
        new Checkpoint.State(
            model.config(),
            model.parameters(),
            ema.stateDict(),
            optimizer.stateDict(),
            noiseScheduler.config(),
            run));
  }

  private void requireFittingClasses(EmnistDataset data) {
    Integer classes = model.config().numClassEmbeds();
    boolean dropout = config.labelDropout() > 0;
    if (dropout && classes == null) {
      throw new IllegalArgumentException(
          "Expected a network with classes for label_dropout %s, found none. Set num_class_embeds, or label_dropout to 0."
              .formatted(config.labelDropout()));
    }
    int needed = data.classNames().size() + (dropout ? 1 : 0);
    if (classes != null && classes < needed) {
      throw new IllegalArgumentException(
          "Expected a network with at least %d classes for this data%s, found num_class_embeds = %d. Raise it."
              .formatted(needed, dropout ? " and \"no class\"" : "", classes));
    }
  }

  private static int ceilDiv(int count, int size) {
    return (count + size - 1) / size;
  }

  /** The loss so far. */
  public LossCurve lossCurve() {
    return lossCurve;
  }

  /** Frees the optimizer and the averaged network; the trained one stays its owner's. */
  @Override
  public void close() {
    manager.close();
  }
}
