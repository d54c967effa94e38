package emnist.diffusion.training;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import emnist.diffusion.checkpoint.Checkpoint;
import emnist.diffusion.checkpoint.RunPosition;
import emnist.diffusion.checkpoint.RunRecord;
import emnist.diffusion.data.EmnistDataset;
import emnist.diffusion.generation.DDPMPipeline;
import emnist.diffusion.model.UNet2DModel;
import emnist.diffusion.random.CounterRandom;
import emnist.diffusion.scheduler.Scheduler;
import emnist.diffusion.torch.Autograd;
import emnist.diffusion.torch.Gradients;
import emnist.diffusion.torch.TorchRandom;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;
import java.util.SplittableRandom;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Trains a {@link UNet2DModel} to predict noise, image or velocity (Ho, Jain and Abbeel 2020,
 * algorithm 1).
 *
 * <p>After every epoch it writes a checkpoint and hands over to the caller. Every random draw is a
 * function of (seed, epoch, batch), so that a run can be repeated to the bit on a CPU, and a run
 * that was stopped ends as if it had not been.
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

  private static final Logger LOG = LoggerFactory.getLogger(Trainer.class);

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
  private RunPosition progress = new RunPosition(Instant.now(), 1, 0);

  /** Not after a checkpoint that was asked for could not be taken over, or only half of it. */
  private boolean isReady = true;

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
    this.averaged = model.copy(manager);
    this.ema = new EMAModel(averaged.parameters(), config.ema());
    this.optimizer = new AdamW(manager, model.parameters(), config.adamw());
    this.lossCurve = new LossCurve(manager);
    this.denoisingLoss = new DenoisingLoss(manager, model, noiseScheduler, config);
  }

  /**
   * Goes on from the {@linkplain Checkpoint#latest latest} checkpoint; where there is none, nothing
   * changes.
   *
   * @see #resume(EmnistDataset, Checkpoint)
   */
  public void resume(EmnistDataset data) throws IOException {
    isReady = false;
    Optional<Checkpoint> latest = Checkpoint.latest(outputDir);
    if (latest.isPresent()) {
      resume(data, latest.get());
    } else {
      LOG.info("No checkpoint in {} to go on from.", outputDir);
      isReady = true;
    }
  }

  /**
   * Takes over the state of a run that was stopped; {@link #train} then goes on where that was. On
   * the same CPU with as many threads the run ends with the same bits as one that was not stopped.
   * Should this fail, {@link #train} refuses until another call succeeds.
   *
   * @param data the images of that run
   * @param checkpoint of an epoch, whose {@link AfterEpoch} is then done again, or {@code
   *     interrupted}
   * @throws IllegalArgumentException if the checkpoint is damaged, or of a run with other settings
   *     or data
   * @throws IOException if it cannot be read to its end
   */
  public void resume(EmnistDataset data, Checkpoint checkpoint) throws IOException {
    isReady = false;
    RunRecord run = checkpoint.run();
    new RunDescription(config, model, noiseScheduler, data).requireSameRun(checkpoint, run);
    checkpoint.restore(manager, model.parameters(), averaged.parameters(), optimizer.stateDict());
    optimizer.resetNonFiniteGuard();
    ema.resume(optimizer.steps());
    lossCurve.load(run.lossCurve());
    progress = run.position();
    isReady = true;
  }

  /**
   * Runs all epochs that are left.
   *
   * @param data the images; their labels condition the network if it has classes
   * @param afterEpoch called after every epoch
   * @throws InterruptedException if the thread is interrupted; the state of that moment is then
   *     saved as {@code interrupted}, and this may be called again to go on
   * @throws IllegalStateException if the loss or a gradient is not finite, before the weights
   *     change; if memory runs out in a step; if another run trains into the same folder; or after
   *     a {@link #resume} that failed
   * @throws IOException if a checkpoint cannot be written, or all of them would not fit the disk;
   *     those that were there stay
   */
  public void train(EmnistDataset data, AfterEpoch afterEpoch)
      throws IOException, InterruptedException {
    requireFittingClasses(data);
    requireReady();
    requireEpochsLeft();
    UpdateSchedule schedule = new UpdateSchedule(config, data.size());
    requireFinite(schedule);
    RunDescription run = new RunDescription(config, model, noiseScheduler, data);
    try (RunFolder folder =
        RunFolder.open(outputDir, config, model.numParameters(), progress.epoch())) {
      try {
        trainEpochs(data, schedule, run, folder, afterEpoch);
      } catch (InterruptedException | ClosedByInterruptException e) {
        // Whoever wrote a file when the interrupt came left the flag set; saving needs it cleared.
        Thread.interrupted();
        requireFinite(schedule);
        RunRecord description = run.at(progress, lossCurve.state(), null);
        Checkpoint checkpoint = folder.save(Checkpoint.INTERRUPTED, state(description));
        throw new InterruptedException(
            "Training was interrupted; the network of that moment is in %s."
                .formatted(checkpoint.folder()));
      }
    } catch (ClosedByInterruptException e) {
      Thread.interrupted();
      throw new InterruptedException(
          "Training was interrupted before its state could be saved; the checkpoints before it are whole.");
    }
  }

  private void trainEpochs(
      EmnistDataset data,
      UpdateSchedule schedule,
      RunDescription run,
      RunFolder folder,
      AfterEpoch afterEpoch)
      throws IOException, InterruptedException {
    long done = (progress.epoch() - 1L) * schedule.batches() + progress.batch();
    try (DeviceDataset onDevice = new DeviceDataset(manager, data, config.trainBatchSize());
        ProgressLine bar =
            new ProgressLine("Training", config.numEpochs(), schedule.batches(), done)) {
      while (progress.epoch() <= config.numEpochs()) {
        int epoch = progress.epoch();
        trainEpoch(data, schedule, onDevice, bar);
        double loss = lossCurve.epochMean();
        RunRecord description = run.at(progress, lossCurve.state(), loss);
        Checkpoint checkpoint = folder.save(Checkpoint.name(epoch), state(description));
        folder.prune(progress);
        afterEpoch.accept(new EpochResult(epoch, loss, checkpoint, pipeline()));
        lossCurve.startEpoch();
        progress = progress.nextEpoch();
      }
    }
  }

  /** The batches of an epoch that are left. */
  private void trainEpoch(
      EmnistDataset data, UpdateSchedule schedule, DeviceDataset onDevice, ProgressLine bar)
      throws InterruptedException {
    int[] order = data.order(config.seed(), progress.epoch());
    long[] labels = labelsWithDropout(data, order, progress.epoch());
    try (DeviceDataset.Epoch images = onDevice.epoch(order, labels)) {
      trainBatches(schedule, images, bar);
    } catch (EngineException e) {
      throw OutOfMemory.explain(e, config);
    } catch (OutOfMemoryError e) {
      throw OutOfMemory.explain(e, config);
    }
  }

  private void trainBatches(UpdateSchedule schedule, DeviceDataset.Epoch images, ProgressLine bar)
      throws InterruptedException {
    int epoch = progress.epoch();
    while (progress.batch() < schedule.batches()) {
      int first = progress.batch();
      int end = schedule.endOfUpdate(first);
      long update = schedule.update(epoch, first);
      double lr = schedule.learningRate(update);
      try (NDManager step = manager.newSubManager();
          Gradients sum = gradients(step, images, first)) {
        bar.step(epoch, images.size(first), lossCurve.latest());
        for (int i = first + 1; i < end; i++) {
          sum.add(gradients(step, images, i));
          bar.step(epoch, images.size(i), lossCurve.latest());
        }
        NDArray gradNorm = optimizer.step(step, sum, lr, config.maxGradNorm());
        ema.step(model.parameters());
        progress = progress.at(end);
        boolean endsEpoch = end == schedule.batches();
        if (lossCurve.update(update + 1, sum.loss(), end - first, lr, gradNorm, endsEpoch)) {
          requireFinite(schedule);
        }
      }
    }
  }

  /** Gradients of one batch, its share of those of an update. */
  private Gradients gradients(NDManager update, DeviceDataset.Epoch images, int index)
      throws InterruptedException {
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
    try (NDManager step = update.newSubManager()) {
      TorchRandom.manualSeed(batchSeed(progress.epoch(), index));
      NDArray loss = Autograd.enableGrad(() -> denoisingLoss.of(images.batch(step, index)));
      return Gradients.of(loss, optimizer.parameters(), 1.0 / config.gradientAccumulationSteps());
    }
  }

  private long batchSeed(int epoch, int index) {
    return CounterRandom.seed(config.seed(), epoch, index);
  }

  /** The optimizer stops by itself; this tells, where the device is waited for anyway. */
  private void requireFinite(UpdateSchedule schedule) {
    float norm = optimizer.lastNorm();
    if (!Float.isFinite(norm)) {
      long update = optimizer.steps();
      throw new IllegalStateException(
          "Expected a finite loss and gradient norm, found %s in %s at learning rate %s. The weights are those before it; %s. Begin a new run with a lower learning_rate or max_grad_norm."
              .formatted(
                  norm, schedule.describe(update), schedule.learningRate(update), lastGood()));
    }
  }

  private String lastGood() {
    try {
      Optional<Checkpoint> latest = Checkpoint.latest(outputDir);
      if (latest.isPresent()
          && latest.get().run().position().started().equals(progress.started())) {
        return "the last good checkpoint is " + latest.get().folder();
      }
    } catch (IOException | IllegalArgumentException e) {
      LOG.warn("Looking for a checkpoint failed.", e);
    }
    return "the run has no good checkpoint yet";
  }

  /** The labels of an epoch in its order, some of them replaced by "no class". */
  private long[] labelsWithDropout(EmnistDataset data, int[] order, int epoch) {
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

  private Checkpoint.State state(RunRecord description) {
    return new Checkpoint.State(
        model.config(),
        model.parameters(),
        ema.stateDict(),
        optimizer.stateDict(),
        noiseScheduler.config(),
        description);
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

  private void requireReady() {
    if (!isReady) {
      throw new IllegalStateException(
          "Expected a trainer that is ready, found one that failed to resume. Call resume again, or make a new Trainer to begin anew.");
    }
  }

  private void requireEpochsLeft() {
    if (progress.epoch() > config.numEpochs()) {
      throw new IllegalStateException(
          "Expected an epoch that is left to train, found all %d done. Make a new Trainer to begin anew."
              .formatted(config.numEpochs()));
    }
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
