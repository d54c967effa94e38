package emnist.diffusion.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import com.google.gson.JsonObject;
import emnist.diffusion.checkpoint.Checkpoint;
import emnist.diffusion.data.Batch;
import emnist.diffusion.data.Batches;
import emnist.diffusion.data.EmnistDataset;
import emnist.diffusion.generation.DDPMPipeline;
import emnist.diffusion.model.UNet2DModel;
import emnist.diffusion.nn.StateDict;
import emnist.diffusion.scheduler.Scheduler;
import emnist.diffusion.torch.Autograd;
import emnist.diffusion.torch.Functional;
import emnist.diffusion.torch.ImageArrays;
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
  private final NDArray lossWeights;

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
    this.lossWeights =
        config.snrGamma() == null
            ? null
            : manager.create(
                noiseScheduler
                    .noiseSchedule()
                    .minSnrWeights(noiseScheduler.config().predictionType(), config.snrGamma()));
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
    int updatesPerEpoch = ceilDiv(batches, config.gradientAccumulationSteps());
    long totalUpdates = (long) config.numEpochs() * updatesPerEpoch;
    LearningRateSchedule lrScheduler =
        config.lrScheduler().schedule(config.lrWarmupSteps(), totalUpdates);
    RunDescription run = new RunDescription(config, model, data);
    try (TrainingProgress progress =
        new TrainingProgress("Training", config.numEpochs(), batches)) {
      for (int epoch = 1; epoch <= config.numEpochs(); epoch++) {
        runEpoch(data, epoch, (epoch - 1L) * updatesPerEpoch, lrScheduler, progress);
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
      int epoch,
      long update,
      LearningRateSchedule lrScheduler,
      TrainingProgress progress)
      throws InterruptedException {
    int index = 0;
    try (Batches batches = data.batches(config.trainBatchSize(), config.seed(), epoch)) {
      for (Batch batch : batches) {
        if (Thread.interrupted()) {
          throw new InterruptedException();
        }
        try (NDManager step = manager.newSubManager()) {
          long batchSeed = TorchRandom.seed(config.seed(), epoch, index);
          TorchRandom.manualSeed(batchSeed);
          NDArray loss = Autograd.enableGrad(() -> loss(step, batch, batchSeed));
          Autograd.backward(
              Autograd.enableGrad(() -> loss.div(config.gradientAccumulationSteps())));
          lossCurve.add(loss.stopGradient());

          index++;
          if (index % config.gradientAccumulationSteps() == 0 || index == batches.count()) {
            double lr = config.learningRate() * lrScheduler.factor(update);
            NDArray gradNorm = optimizer.step(step, lr, config.maxGradNorm());
            ema.step(model.parameters());
            lossCurve.update(++update, lr, gradNorm);
          }
        }
        progress.step(epoch, batch.size(), lossCurve.latest());
      }
    }
  }

  /** Mean squared error of the prediction at random timesteps: equation 14. */
  private NDArray loss(NDManager step, Batch batch, long batchSeed) {
    NDArray cleanImages = ImageArrays.of(step, batch.images());
    NDArray noise = step.randomNormal(cleanImages.getShape());
    NDArray timesteps =
        step.randomInteger(
            0,
            noiseScheduler.config().numTrainTimesteps(),
            new Shape(batch.size()),
            DataType.INT64);
    NDArray noisyImages = noiseScheduler.addNoise(cleanImages, noise, timesteps);
    NDArray labels =
        model.config().numClassEmbeds() == null
            ? null
            : step.create(shownLabels(batch.labels(), batchSeed));
    NDArray noisePred = model.forwardTraining(noisyImages, timesteps, labels);
    NDArray target =
        switch (noiseScheduler.config().predictionType()) {
          case EPSILON -> noise;
          case SAMPLE -> cleanImages;
          case V_PREDICTION -> noiseScheduler.getVelocity(cleanImages, noise, timesteps);
        };
    if (lossWeights == null) {
      return Functional.mseLoss(noisePred, target);
    }
    NDArray weights = lossWeights.gather(timesteps, 0);
    weights.attach(step); // DJL gives it to the manager of the table
    return Functional.mseLoss(noisePred, target, weights);
  }

  /** The labels, some of them replaced by "no class". */
  private long[] shownLabels(int[] labels, long batchSeed) {
    SplittableRandom random = new SplittableRandom(batchSeed);
    long noClass = model.config().numClassEmbeds() - 1;
    return Arrays.stream(labels)
        .mapToLong(label -> random.nextDouble() < config.labelDropout() ? noClass : label)
        .toArray();
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
