package emnist.diffusion.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import emnist.diffusion.TinyDataset;
import emnist.diffusion.TinyModel;
import emnist.diffusion.checkpoint.Checkpoint;
import emnist.diffusion.checkpoint.PretrainedModel;
import emnist.diffusion.data.EmnistDataset;
import emnist.diffusion.files.KnownFreeSpace;
import emnist.diffusion.model.UNet2DModel;
import emnist.diffusion.scheduler.DDPMScheduler;
import emnist.diffusion.scheduler.DDPMSchedulerConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What stops a run before harm is done. */
class GuardsTest {

  private static final TrainingConfig CONFIG =
      TrainingConfig.fromJson(
          """
          {"num_epochs": 3, "train_batch_size": 4, "learning_rate": 1e-3, "lr_warmup_steps": 1}
          """);

  private final NDManager manager = NDManager.newBaseManager();

  @TempDir Path folder;
  private Path outputDir;
  private EmnistDataset data;

  @BeforeEach
  void writeData() throws IOException {
    outputDir = folder.resolve("emnist_diffusion_model");
    data = TinyDataset.create(folder, 20, 8);
  }

  @AfterEach
  void freeArrays() {
    manager.close();
  }

  @ParameterizedTest
  @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY})
  void aLossThatIsNotFiniteStopsTheRunBeforeTheWeightsChange(float value) throws Exception {
    UNet2DModel model = TinyModel.create(manager, 1);
    Map<String, float[]> before = new LinkedHashMap<>();
    try (Trainer trainer = trainer(model, CONFIG)) {
      assertThatIllegalStateException()
          .isThrownBy(() -> trainer.train(data, epoch -> before.putAll(poison(model, value))))
          .withMessageMatching(
              "Expected a finite loss and gradient norm, found \\S+ in epoch 2, update 1 at learning rate 8\\.\\S+E-4\\. The weights are those before it; the last good checkpoint is \\Q%s\\E\\. Start a new run with a lower learning_rate or max_grad_norm\\."
                  .formatted(outputDir.resolve("epoch_1")));
    }

    before.forEach(
        (name, weights) ->
            assertThat(model.parameters().get(name).toFloatArray()).as(name).isEqualTo(weights));
    assertThat(outputDir.resolve("epoch_2")).doesNotExist();
  }

  @Test
  void aRunThatDivergedGoesOnFromItsLastGoodCheckpoint() throws Exception {
    UNet2DModel model = TinyModel.create(manager, 1);
    try (Trainer trainer = trainer(model, CONFIG)) {
      assertThatIllegalStateException()
          .isThrownBy(() -> trainer.train(data, epoch -> poison(model, Float.NaN)));
      trainer.resume(data);
      trainer.train(data, epoch -> {});
    }

    assertThat(Checkpoint.epochs(outputDir)).containsExactly(1, 2, 3);
    assertThat(Checkpoint.of(outputDir, 3).run().lossCurve().points())
        .allSatisfy(point -> assertThat(point.quarters()).doesNotContain(Double.NaN));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "CUDA out of memory. Tried to allocate 2.00 GiB.",
        "[enforce fail at alloc_cpu.cpp:119] err == 0. DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes."
      })
  void runningOutOfMemoryNamesTheBatchSizeAndWhatToLower(String reason) {
    TrainingConfig config = CONFIG.with("{\"gradient_accumulation_steps\": 2}");
    String advice =
        "Expected memory for a training step of 4 images, found none left (%s). Lower train_batch_size; half of it with gradient_accumulation_steps of 4 trains equivalently."
            .formatted(reason);
    String inScript =
        "The following operation failed in the TorchScript interpreter.\n ~ <--- HERE";

    assertThat(OutOfMemory.explain(new EngineException(reason + "\nat c10::..."), config))
        .hasMessage(advice);
    assertThat(
            OutOfMemory.explain(
                new EngineException(inScript + "\nRuntimeError: " + reason + "\n"), config))
        .hasMessage(advice);
  }

  @Test
  void javasOwnMemoryCountsToo() {
    assertThat(OutOfMemory.explain(new OutOfMemoryError("Java heap space"), CONFIG))
        .hasMessageStartingWith(
            "Expected memory for a training step of 4 images, found none left (Java heap space).");
  }

  @Test
  void anotherErrorOfTheEngineStaysWhatItIs() {
    EngineException error = new EngineException("shapes differ");

    assertThat(OutOfMemory.explain(error, CONFIG)).isSameAs(error);
  }

  @Test
  void aDiskTooSmallForAllEpochsIsToldBeforeTheStart() {
    KnownFreeSpace.assume(folder);
    TrainingConfig endless = CONFIG.with("{\"num_epochs\": 999999999}");
    try (Trainer trainer = trainer(TinyModel.create(manager, 1), endless)) {
      assertThatExceptionOfType(IOException.class)
          .isThrownBy(() -> trainer.train(data, epoch -> {}))
          .withMessageMatching(
              "Expected \\d+ MB of free space for \\Q%s\\E, found \\d+ MB\\. Make room or name another folder\\."
                  .formatted(outputDir));
    }
    assertThat(outputDir).doesNotExist();
  }

  @Test
  void aLimitOnTheCheckpointsMakesThemFit() throws Exception {
    TrainingConfig endless =
        CONFIG.with("{\"num_epochs\": 999999999, \"checkpoints_total_limit\": 2}");
    try (Trainer trainer = trainer(TinyModel.create(manager, 1), endless)) {
      assertThatThrownBy(
              () ->
                  trainer.train(
                      data,
                      epoch -> {
                        if (epoch.epoch() == 4) {
                          Thread.currentThread().interrupt();
                        }
                      }))
          .isInstanceOf(InterruptedException.class);
    }
    assertThat(Checkpoint.epochs(outputDir)).containsExactly(3, 4);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"checkpoints_total_limit\": 1} | 7",
        "{\"checkpoints_total_limit\": 3} | 5,6,7",
        "{\"checkpoints_total_limit\": 2, \"keep_every_epochs\": 3} | 3,6,7",
        "{\"keep_every_epochs\": 3} | 1,2,3,4,5,6,7",
      })
  void keepsTheNewestEpochsAndEverySoManyOfTheOthers(String options, String kept) throws Exception {
    TrainingConfig config = CONFIG.with("{\"num_epochs\": 7}").with(options);
    try (Trainer trainer = trainer(TinyModel.create(manager, 1), config)) {
      trainer.train(data, epoch -> {});
    }

    assertThat(Checkpoint.epochs(outputDir).stream().map(String::valueOf).toList())
        .isEqualTo(List.of(kept.split(",")));
  }

  @Test
  void whatACrashLeftIsRemovedAtTheNextStart() throws Exception {
    Path leftover =
        Files.createDirectories(
            outputDir.resolve(".epoch_9-0123456789abcdef0123456789abcdef.partial/unet"));
    try (Trainer trainer = trainer(TinyModel.create(manager, 1), CONFIG)) {
      trainer.train(data, epoch -> assertThat(leftover.getParent()).doesNotExist());
    }
  }

  @Test
  void aRunThatDivergedTrainsNoFurther() throws Exception {
    UNet2DModel model = TinyModel.create(manager, 1);
    try (Trainer trainer = trainer(model, CONFIG)) {
      for (int attempt = 0; attempt < 2; attempt++) {
        assertThatIllegalStateException()
            .isThrownBy(() -> trainer.train(data, epoch -> poison(model, Float.NaN)))
            .withMessageStartingWith(
                "Expected a finite loss and gradient norm, found NaN in epoch 2, update 1 ");
      }
    }

    assertThat(Checkpoint.epochs(outputDir)).containsExactly(1);
    assertThat(outputDir.resolve(Checkpoint.INTERRUPTED)).doesNotExist();
    PretrainedModel.load(manager, outputDir.resolve("epoch_1/unet"))
        .parameters()
        .values()
        .forEach(weight -> assertThat(weight.isInfinite().any().getBoolean()).isFalse());
  }

  @Test
  void aRunThatDivergedIsNotSavedByAnInterrupt() throws Exception {
    TrainingConfig untoldForTenUpdates = CONFIG.with("{\"train_batch_size\": 2}");
    for (int milliseconds = 0; milliseconds < 20; milliseconds++) {
      UNet2DModel model = TinyModel.create(manager, 1);
      int delay = milliseconds;
      try (Trainer trainer = trainer(model, untoldForTenUpdates);
          Interrupter interrupter = new Interrupter()) {
        assertThatThrownBy(
                () ->
                    trainer.train(
                        data,
                        epoch -> {
                          poison(model, Float.NaN);
                          interrupter.after(delay);
                        }))
            .isInstanceOfAny(IllegalStateException.class, InterruptedException.class);
      }

      Checkpoint interrupted = new Checkpoint(outputDir.resolve(Checkpoint.INTERRUPTED));
      if (Files.exists(interrupted.folder())) {
        assertThat(interrupted.run().position().batch()).isIn(0, 10);
        interrupted.delete();
      }
    }
  }

  @Test
  void aRunThatDivergesAtOnceHasNoGoodCheckpointWhateverLiesThere() throws Exception {
    try (Trainer trainer = trainer(TinyModel.create(manager, 1), CONFIG)) {
      trainer.train(data, epoch -> {});
    }
    UNet2DModel model = TinyModel.create(manager, 1);
    try (Trainer trainer = trainer(model, CONFIG)) {
      poison(model, Float.NaN);
      assertThatIllegalStateException()
          .isThrownBy(() -> trainer.train(data, epoch -> {}))
          .withMessageContaining("; the run has no good checkpoint yet.");
    }
  }

  /** Makes the next loss what it must not be; returns the weights as they are then. */
  private Map<String, float[]> poison(UNet2DModel model, float value) {
    NDArray bias = model.parameters().get("conv_out.bias");
    bias.set(new float[] {value});
    Map<String, float[]> weights = new LinkedHashMap<>();
    model.parameters().forEach((name, weight) -> weights.put(name, weight.toFloatArray()));
    return weights;
  }

  private Trainer trainer(UNet2DModel model, TrainingConfig config) {
    return new Trainer(model, new DDPMScheduler(DDPMSchedulerConfig.defaults()), config, outputDir);
  }
}
