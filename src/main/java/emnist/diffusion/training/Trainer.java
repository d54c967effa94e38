package emnist.diffusion.training;

import ai.djl.engine.EngineException;
import emnist.diffusion.checkpoint.Checkpoint;
import emnist.diffusion.checkpoint.RunRecord;
import emnist.diffusion.checkpoint.RunRecord.RunPosition;
import emnist.diffusion.data.EmnistDataset;
import emnist.diffusion.generation.DDPMPipeline;
import emnist.diffusion.model.UNet2DModel;
import emnist.diffusion.progress.ProgressLine;
import emnist.diffusion.scheduler.Scheduler;
import emnist.diffusion.torch.AdamW;
import emnist.diffusion.torch.Gradients;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Repeats the {@link TrainingStep} with everything a long run needs: epochs, gradient accumulation,
 * checkpoints, resume and interrupts.
 *
 * <p>Every random draw is a function of (seed, epoch, batch), so that a run can be repeated to the
 * bit on a CPU, and a run that was stopped ends as if it had not been.
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

  private final TrainingLoop loop;
  private final Path outputDir;
  private final LossCurve lossCurve;
  private RunPosition position = new RunPosition(Instant.now(), 1, 0);
  private boolean trainedBefore;

  /** False after a failed resume, which may have left half the state loaded. */
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
    this.loop = new TrainingLoop(model, noiseScheduler, config);
    this.outputDir = outputDir;
    this.lossCurve = new LossCurve(loop.manager(), noiseScheduler.config().numTrainTimesteps());
    this.trainedBefore = model.isTrained();
  }

  /**
   * Resumes from the {@linkplain Checkpoint#latest latest} checkpoint; where there is none, nothing
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
      LOG.info("No checkpoint in {} to resume from.", outputDir);
      isReady = true;
    }
  }

  /**
   * Loads the state of a run that was stopped; {@link #train} then resumes there. On the same CPU
   * with as many threads the run ends with the same bits as one that was not stopped. After a
   * failure {@link #train} refuses until another call succeeds.
   *
   * @param data the images of that run
   * @param checkpoint of an epoch, whose {@link AfterEpoch} is then called again, or {@code
   *     interrupted}
   * @throws IllegalArgumentException if the checkpoint is damaged, or of a run with other settings
   *     or data
   * @throws IOException if it cannot be read
   */
  public void resume(EmnistDataset data, Checkpoint checkpoint) throws IOException {
    isReady = false;
    RunRecord run = checkpoint.run();
    new RunDescription(loop, data, trainedBefore).requireSameRun(checkpoint, run);
    AdamW optimizer = loop.optimizer();
    checkpoint.restore(
        loop.manager(),
        loop.model().parameters(),
        loop.averaged().parameters(),
        optimizer.stateDict());
    optimizer.resetNonFiniteGuard();
    loop.ema().resume(optimizer.steps());
    lossCurve.load(run.lossCurve());
    position = run.position();
    trainedBefore = run.trainedBefore();
    isReady = true;
  }

  /**
   * Runs all epochs that are left.
   *
   * @param data the images; their labels condition the network if it has classes
   * @param afterEpoch called after every epoch
   * @throws InterruptedException if the thread is interrupted; the state of that moment is then
   *     saved as {@code interrupted}, and another call resumes
   * @throws IllegalStateException if a loss or gradient was not finite; the weights are then those
   *     before it; if memory runs out in a step; if another run trains into the same folder; or
   *     after a {@link #resume} that failed
   * @throws IOException if a checkpoint cannot be written, or the disk has no room for all of them;
   *     those that exist stay
   */
  public void train(EmnistDataset data, AfterEpoch afterEpoch)
      throws IOException, InterruptedException {
    loop.conditioning().requireTrainable(data.classNames().size());
    requireReady();
    if (trainedBefore && position.epoch() == 1 && position.batch() == 0) {
      LOG.warn(
          "The network was trained or loaded before. The run starts from its weights, and run.json says so; for new ones make a new UNet2DModel.");
    }
    UpdateSchedule schedule = new UpdateSchedule(loop.config(), data.size());
    requireFinite(schedule); // an earlier call may have ended there
    RunDescription run = new RunDescription(loop, data, trainedBefore);
    try (RunFolder folder =
        RunFolder.open(outputDir, loop.config(), loop.model().numParameters(), position.epoch())) {
      try {
        trainEpochs(data, schedule, run, folder, afterEpoch);
      } catch (InterruptedException | ClosedByInterruptException e) {
        // An interrupt during a file's writing leaves the flag set; saving needs it cleared.
        Thread.interrupted();
        requireFinite(schedule);
        RunRecord description = run.at(position, lossCurve.state(), null);
        Checkpoint checkpoint = folder.save(Checkpoint.INTERRUPTED, loop.state(description));
        throw new InterruptedException(
            "Training was interrupted; the network of that moment is in %s."
                .formatted(checkpoint.folder()));
      }
    } catch (ClosedByInterruptException e) {
      Thread.interrupted();
      throw new InterruptedException(
          "Training was interrupted before its state could be saved; the checkpoints before it are complete.");
    }
  }

  private void trainEpochs(
      EmnistDataset data,
      UpdateSchedule schedule,
      RunDescription run,
      RunFolder folder,
      AfterEpoch afterEpoch)
      throws IOException, InterruptedException {
    long done = (position.epoch() - 1L) * schedule.batches() + position.batch();
    try (DeviceDataset onDevice =
            new DeviceDataset(loop.manager(), data, loop.config().trainBatchSize());
        ProgressLine bar =
            new ProgressLine(
                "Training", (long) loop.config().numEpochs() * schedule.batches(), done)) {
      while (position.epoch() <= loop.config().numEpochs()) {
        int epoch = position.epoch();
        trainEpoch(schedule, onDevice, bar);
        double loss = lossCurve.epochMean();
        RunRecord description = run.at(position, lossCurve.state(), loss);
        Checkpoint checkpoint = folder.save(Checkpoint.name(epoch), loop.state(description));
        folder.prune(position);
        afterEpoch.accept(new EpochResult(epoch, loss, checkpoint, loop.pipeline()));
        lossCurve.startEpoch();
        position = position.nextEpoch();
      }
    }
  }

  /** Trains the batches of an epoch that are left. */
  private void trainEpoch(UpdateSchedule schedule, DeviceDataset data, ProgressLine bar)
      throws InterruptedException {
    TrainingConfig config = loop.config();
    int number = position.epoch();
    Integer nullClass = loop.conditioning().nullClass();
    Gradients accumulated = null; // of the batches before this one that belong to its update
    try (DeviceDataset.Epoch epoch =
        data.epoch(config.seed(), number, config.labelDropout(), nullClass)) {
      for (TrainingStep step : loop.steps(epoch, number, position.batch())) {
        try (step) {
          if (Thread.interrupted()) {
            throw new InterruptedException();
          }
          lossCurve.add(step);
          bar.step(number, lossCurve.latest());
          if (accumulated != null) {
            step.gradients().add(accumulated);
            accumulated = null;
          }
          if (schedule.isUpdateDue(step.batch().index() + 1)) {
            update(schedule, step);
          } else {
            accumulated = step.gradients().take();
          }
        }
      }
    } catch (EngineException | OutOfMemoryError e) {
      throw OutOfMemory.explain(e, config);
    } finally {
      lossCurve.forgetPending();
      if (accumulated != null) {
        accumulated.close();
      }
    }
  }

  private void update(UpdateSchedule schedule, TrainingStep step) {
    int done = step.batch().index() + 1;
    long updates = schedule.updatesBefore(position.epoch(), step.batch().index());
    step.update(schedule.learningRate(updates));
    lossCurve.addUpdate(step.gradients().loss(), done - position.batch()); // its forward passes
    position = position.at(done);
    if (done == schedule.batches() || (updates + 1) % LossCurve.UPDATES_PER_POINT == 0) {
      lossCurve.addPoint(updates + 1, step.learningRate(), step.gradNorm());
      requireFinite(schedule);
    }
  }

  /** Reports what the optimizer has refused, at moments that wait for the device anyway. */
  private void requireFinite(UpdateSchedule schedule) {
    float norm = loop.optimizer().lastNorm();
    if (!Float.isFinite(norm)) {
      long update = loop.optimizer().steps();
      throw new IllegalStateException(
          "Expected a finite loss and gradient norm, found %s in %s at learning rate %s. The weights are those before it; %s. Start a new run with a lower learning_rate or max_grad_norm."
              .formatted(
                  norm,
                  schedule.describe(update),
                  schedule.learningRate(update),
                  RunFolder.lastGood(outputDir, position)));
    }
  }

  private void requireReady() {
    if (!isReady) {
      throw new IllegalStateException(
          "Expected a trainer that is ready, found one that failed to resume. Call resume again, or make a new Trainer to start over.");
    }
    if (position.epoch() > loop.config().numEpochs()) {
      throw new IllegalStateException(
          "Expected an epoch that is left to train, found all %s done. Make a new Trainer to start over."
              .formatted(loop.config().numEpochs()));
    }
  }

  public LossCurve lossCurve() {
    return lossCurve;
  }

  /** Frees the optimizer and the averaged network; the trained one stays its owner's. */
  @Override
  public void close() {
    loop.close();
  }
}
