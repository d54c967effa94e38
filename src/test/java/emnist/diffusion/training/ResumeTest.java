package emnist.diffusion.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDManager;
import emnist.diffusion.JavaProcess;
import emnist.diffusion.TinyDataset;
import emnist.diffusion.TinyModel;
import emnist.diffusion.checkpoint.Checkpoint;
import emnist.diffusion.checkpoint.LossHistory;
import emnist.diffusion.checkpoint.RunRecord;
import emnist.diffusion.data.EmnistDataset;
import emnist.diffusion.files.FolderLock;
import emnist.diffusion.model.UNet2DModel;
import emnist.diffusion.scheduler.DDPMScheduler;
import emnist.diffusion.scheduler.DDPMSchedulerConfig;
import emnist.diffusion.scheduler.Scheduler;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ResumeTest {

  /** Ten batches an epoch, the last update of one shorter than the others. */
  private static final TrainingConfig CONFIG =
      TrainingConfig.fromJson(
          """
          {"num_epochs": 3, "train_batch_size": 2, "gradient_accumulation_steps": 3,
           "learning_rate": 1e-3, "lr_warmup_steps": 1, "label_dropout": 0.1, "seed": 3}
          """);

  private static final List<String> STATE =
      List.of(
          "unet/diffusion_pytorch_model.safetensors",
          "unet_ema/diffusion_pytorch_model.safetensors",
          "optimizer.safetensors");

  private final NDManager manager = NDManager.newBaseManager();

  @TempDir Path folder;
  private TinyTraining unstopped;
  private TinyTraining stopped;

  @BeforeEach
  void nameRuns() {
    unstopped = new TinyTraining(folder.resolve("unstopped"), CONFIG);
    stopped = new TinyTraining(folder.resolve("stopped"), CONFIG);
  }

  @AfterEach
  void freeArrays() {
    manager.close();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void aRunKilledAfterAnEpochEndsInANewProcessWithTheSameBits(int epoch) throws Exception {
    unstopped.train();

    runInAProcess(epoch);
    runInAProcess(0);

    assertSameEnd();
  }

  @Test
  void aRunInterruptedAtAnyMomentsEndsWithTheSameBits() throws Exception {
    unstopped.train();

    int withinAnEpoch = 0;
    Random random = new Random(1);
    for (boolean done = false; !done; ) {
      done = trainUntilInterruptedAfter(1 + random.nextInt(40));
      // An interrupt before the first update finds nothing to save yet.
      boolean saved = !done && Files.isDirectory(interrupted());
      if (saved && new Checkpoint(interrupted()).run().position().batch() > 0) {
        withinAnEpoch++;
      }
    }

    assertThat(withinAnEpoch).isPositive();
    assertSameEnd();
  }

  @Test
  void anInterruptedTrainerTrainsOnWithTheSameBits() throws Exception {
    EmnistDataset data = data();
    Path once = folder.resolve("once");
    Path twice = folder.resolve("twice");
    try (Trainer trainer = trainer(CONFIG, once)) {
      trainer.train(data, epoch -> {});
    }
    try (Trainer trainer = trainer(CONFIG, twice)) {
      assertThatThrownBy(() -> trainer.train(data, epoch -> Thread.currentThread().interrupt()))
          .isInstanceOf(InterruptedException.class);
      trainer.train(data, epoch -> {});
    }

    assertSameState(twice, once);
  }

  @Test
  void theLossCurveGoesOn() throws Exception {
    EmnistDataset data = data();
    TrainingConfig manyUpdates = CONFIG.with("{\"gradient_accumulation_steps\": 1}");
    List<LossHistory.Point> points;
    try (Trainer trainer = trainer(manyUpdates, folder.resolve("once"))) {
      trainer.train(data, epoch -> {});
      points = trainer.lossCurve().points();
    }
    try (Trainer trainer = trainer(manyUpdates, folder.resolve("twice"))) {
      assertThatThrownBy(() -> trainer.train(data, epoch -> Thread.currentThread().interrupt()))
          .isInstanceOf(InterruptedException.class);
    }
    try (Trainer trainer = trainer(manyUpdates, folder.resolve("twice"))) {
      trainer.resume(data);
      trainer.train(data, epoch -> {});
      assertThat(trainer.lossCurve().points()).hasSize(3).isEqualTo(points);
    }
  }

  @Test
  void goesOnWithAnInfiniteNorm() throws Exception {
    EmnistDataset data = data();
    TrainingConfig unclipped = CONFIG.with("{\"max_grad_norm\": Infinity}");
    try (Trainer trainer = trainer(unclipped, folder.resolve("run"))) {
      assertThatThrownBy(() -> trainer.train(data, epoch -> Thread.currentThread().interrupt()))
          .isInstanceOf(InterruptedException.class);
      trainer.resume(data);
      trainer.train(data, epoch -> {});
    }

    assertThat(Checkpoint.epochs(folder.resolve("run"))).containsExactly(1, 2, 3);
  }

  @Test
  void aFinishedRunHandsOverItsLastEpochOnceMore() throws Exception {
    stopped.train();
    String table = Files.readString(stopped.metrics());

    stopped.train(() -> {}, epoch -> assertThat(epoch.epoch()).isEqualTo(3));

    assertThat(stopped.metrics()).hasContent(table.stripTrailing());
  }

  @Test
  void aTrainerThatIsDoneSaysSo() throws Exception {
    EmnistDataset data = data();
    try (Trainer trainer = trainer(CONFIG, folder.resolve("run"))) {
      trainer.train(data, epoch -> {});
      assertThatIllegalStateException()
          .isThrownBy(() -> trainer.train(data, epoch -> {}))
          .withMessage(
              "Expected an epoch that is left to train, found all 3 done. Make a new Trainer to start over.");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"learning_rate\": 0.002} | training.learning_rate 0.001 where 0.002 is wanted",
        "{\"num_epochs\": 9, \"seed\": 4} | training.num_epochs 3 where 9 is wanted, training.seed 3 where 4 is wanted",
        "{\"ema\": {\"decay\": 0.5}} | training.ema.decay 0.9999 where 0.5 is wanted",
      })
  void refusesAnotherConfigurationAndShowsTheDifference(String changes, String difference)
      throws Exception {
    interruptAfterTheFirstEpoch();
    TinyTraining other = new TinyTraining(folder.resolve("stopped"), CONFIG.with(changes));

    assertThatIllegalArgumentException()
        .isThrownBy(() -> other.train())
        .withMessage(
            "Expected the same run in %s, found another: %s. Train with its settings and data, or start over.",
            interrupted(), difference);
  }

  @Test
  void keepsOtherCheckpointsFromNowOn() throws Exception {
    unstopped.train();
    interruptAfterTheFirstEpoch();
    TrainingConfig pruning =
        CONFIG.with("{\"checkpoints_total_limit\": 1, \"keep_optimizer_states\": true}");

    new TinyTraining(folder.resolve("stopped"), pruning).train();

    assertSameEnd();
    assertThat(Checkpoint.epochs(stopped.outputDir())).containsExactly(3);
  }

  @Test
  void whatAnInterruptSavedGoesOnceTheRunIsFurther() throws Exception {
    interruptAfterTheFirstEpoch();
    assertThat(interrupted()).exists();

    stopped.train();

    assertThat(interrupted()).doesNotExist();
  }

  @Test
  void whatAnInterruptOfAnotherRunSavedStays() throws Exception {
    interruptAfterTheFirstEpoch();
    try (Trainer anew = trainer(CONFIG, stopped.outputDir())) {
      anew.train(data(), epoch -> {});
    }

    assertThat(interrupted()).exists();
  }

  @Test
  void refusesOtherDataAndShowsTheDifference() throws Exception {
    interruptAfterTheFirstEpoch();
    try (Trainer trainer = trainer(CONFIG, stopped.outputDir())) {
      EmnistDataset other = TinyDataset.create(folder, 18, 8);

      assertThatIllegalArgumentException()
          .isThrownBy(() -> trainer.resume(other))
          .withMessageContaining("dataset.images 20 where 18 is wanted")
          .withMessageContaining("dataset.sha256");
    }
  }

  @Test
  void refusesAnotherNoiseSchedule() throws Exception {
    interruptAfterTheFirstEpoch();
    Scheduler other = DDPMSchedulerConfig.fromJson("{\"beta_end\": 0.03}").createScheduler();
    try (Trainer trainer = new Trainer(model(), other, CONFIG, stopped.outputDir())) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> trainer.resume(data()))
          .withMessageContaining("scheduler.beta_end 0.02 where 0.03 is wanted");
    }
  }

  @Test
  void refusesAnEpochWithoutAnOptimizer() throws Exception {
    stopped.train();
    Checkpoint first = Checkpoint.of(stopped.outputDir(), 1);
    try (Trainer trainer = trainer(CONFIG, stopped.outputDir())) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> trainer.resume(data(), first))
          .withMessage(
              "Expected an optimizer.safetensors in %s, found none: only the newest epochs keep it. Resume one of these.",
              first.folder());
    }
  }

  @Test
  void aTrainerThatFailedToResumeDoesNotTrain() throws Exception {
    interruptAfterTheFirstEpoch();
    try (Trainer trainer = trainer(CONFIG, stopped.outputDir())) {
      Thread.currentThread().interrupt();
      assertThatThrownBy(() -> trainer.resume(data()))
          .isInstanceOf(ClosedByInterruptException.class);
      Thread.interrupted();
      assertThatIllegalStateException()
          .isThrownBy(() -> trainer.train(data(), epoch -> {}))
          .withMessage(
              "Expected a trainer that is ready, found one that failed to resume. Call resume again, or make a new Trainer to start over.");
      trainer.resume(data());
      trainer.train(data(), epoch -> {});
    }
    unstopped.train();
    assertSameState(stopped.outputDir(), unstopped.outputDir());
  }

  @Test
  void goesOnFromTheEpochBeforeADamagedOne() throws Exception {
    unstopped.train();
    runInAProcess(2);
    Path weights = stopped.outputDir().resolve("epoch_2/unet/diffusion_pytorch_model.safetensors");
    Files.write(weights, new byte[10]);

    stopped.train();

    assertSameEnd();
  }

  @Test
  void refusesASecondTrainingIntoTheSameFolder() throws Exception {
    Path outputDir = folder.resolve("run");
    EmnistDataset data = data();
    FolderLock lock = FolderLock.take(outputDir, "training");
    try (Trainer trainer = trainer(CONFIG, outputDir)) {
      assertThatIllegalStateException()
          .isThrownBy(() -> trainer.train(data, epoch -> {}))
          .withMessageStartingWith("Expected no other training in " + outputDir);
    }
    lock.close();
  }

  private void runInAProcess(int lastEpoch) throws Exception {
    Process process =
        JavaProcess.start(
            TinyTraining.class,
            folder.resolve("stopped").toString(),
            CONFIG.toJson().toString(),
            Integer.toString(lastEpoch));
    JavaProcess.awaitLine(process, TinyTraining.STARTED);
    process.inputReader().lines().forEach(line -> {});
    assertThat(process.waitFor()).isZero();
  }

  /** Trains until the interrupt or the end of the run, and says whether it was the end. */
  private boolean trainUntilInterruptedAfter(int milliseconds) throws Exception {
    try (Interrupter interrupter = new Interrupter()) {
      stopped.train(() -> interrupter.after(milliseconds), epoch -> {});
      return true;
    } catch (InterruptedException e) {
      return false;
    }
  }

  private void interruptAfterTheFirstEpoch() {
    assertThatThrownBy(() -> stopped.train(() -> {}, epoch -> Thread.currentThread().interrupt()))
        .isInstanceOf(InterruptedException.class);
  }

  private Path interrupted() {
    return stopped.outputDir().resolve(Checkpoint.INTERRUPTED);
  }

  private void assertSameEnd() throws IOException {
    assertSameState(stopped.outputDir(), unstopped.outputDir());
    assertThat(Files.readString(stopped.metrics()))
        .isEqualTo(Files.readString(unstopped.metrics()));
  }

  private static void assertSameState(Path found, Path expected) throws IOException {
    for (String file : STATE) {
      assertThat(Files.readAllBytes(found.resolve("epoch_3").resolve(file)))
          .as(file)
          .isEqualTo(Files.readAllBytes(expected.resolve("epoch_3").resolve(file)));
    }
    RunRecord run = Checkpoint.of(found, 3).run();
    RunRecord expectedRun = Checkpoint.of(expected, 3).run();
    assertThat(run.loss()).isEqualTo(expectedRun.loss());
    assertThat(run.lossCurve()).isEqualTo(expectedRun.lossCurve());
  }

  private EmnistDataset data() throws IOException {
    return TinyDataset.create(folder, 20, 8);
  }

  private UNet2DModel model() {
    return TinyModel.create(manager, 1, ", \"num_class_embeds\": 3");
  }

  private Trainer trainer(TrainingConfig config, Path outputDir) {
    return new Trainer(
        model(), new DDPMScheduler(DDPMSchedulerConfig.defaults()), config, outputDir);
  }
}
