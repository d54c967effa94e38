package emnist.diffusion.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import emnist.diffusion.TinyModel;
import emnist.diffusion.TinyRun;
import emnist.diffusion.config.Json;
import emnist.diffusion.model.UNet2DModel;
import emnist.diffusion.scheduler.DDPMSchedulerConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointTest {

  private static final DDPMSchedulerConfig SCHEDULER =
      DDPMSchedulerConfig.fromJson("{\"num_train_timesteps\": 50}");

  private final NDManager manager = NDManager.newBaseManager();
  private UNet2DModel trained;
  private UNet2DModel averaged;

  @TempDir Path outputDir;

  @BeforeEach
  void createNetworks() {
    trained = TinyModel.create(manager, 1);
    averaged = TinyModel.create(manager, 2);
  }

  @AfterEach
  void freeArrays() {
    manager.close();
  }

  @Test
  void hasTheFilesOfAPipelineOfDiffusersAndOfTheRun() throws IOException {
    Checkpoint checkpoint = write("epoch_3");

    assertThat(checkpoint.folder()).isEqualTo(outputDir.resolve("epoch_3"));
    assertThat(checkpoint.whatIsAbsent()).isEqualTo("Nothing is absent.");
    assertThat(files(checkpoint.folder()))
        .containsExactlyInAnyOrder(
            "model_index.json",
            "scheduler/scheduler_config.json",
            "unet/config.json",
            "unet/diffusion_pytorch_model.safetensors",
            "unet_ema/config.json",
            "unet_ema/diffusion_pytorch_model.safetensors",
            "optimizer.safetensors",
            "run.json",
            "manifest.json");
  }

  @Test
  void theIndexNamesThePipelineAndItsParts() throws IOException {
    Path index = write("epoch_3").folder().resolve("model_index.json");

    assertThat(Json.parse(index))
        .isEqualTo(
            Json.parse(
                """
                {"_class_name": "DDPMPipeline", "_diffusers_version": "0.40.0",
                 "scheduler": ["diffusers", "DDPMScheduler"], "unet": ["diffusers", "UNet2DModel"]}
                """));
  }

  @Test
  void generatesWithTheAverage() throws IOException {
    UNet2DModel loaded = write("epoch_3").unet(manager);

    assertSameWeights(loaded, averaged);
  }

  @Test
  void generatesWithTheTrainedNetworkWhereThereIsNoAverage() throws IOException {
    Checkpoint checkpoint = write("epoch_3");
    Path average = checkpoint.folder().resolve("unet_ema");
    Files.move(average, outputDir.resolve("elsewhere"));
    Files.delete(checkpoint.folder().resolve("run.json"));
    Files.delete(checkpoint.folder().resolve("manifest.json"));

    assertSameWeights(checkpoint.unet(manager), trained);
  }

  @Test
  void keepsTheScheduler() throws IOException {
    assertThat(write("epoch_3").scheduler().config()).isEqualTo(SCHEDULER);
  }

  @Test
  void keepsTheDescriptionOfTheRun() throws IOException {
    assertThat(write("epoch_3").run()).isEqualTo(run());
  }

  @Test
  void keepsTheOptimizer() throws IOException {
    Path file = write("epoch_3").folder().resolve("optimizer.safetensors");

    assertThat(Safetensors.read(manager, file).get("step").getFloat()).isEqualTo(7);
  }

  @Test
  void dropsTheOptimizerAlone() throws IOException {
    Checkpoint checkpoint = write("epoch_3");
    List<String> before = files(checkpoint.folder());

    checkpoint.dropOptimizer();
    checkpoint.dropOptimizer();

    assertThat(files(checkpoint.folder()))
        .doesNotContain("optimizer.safetensors")
        .hasSize(before.size() - 1);
  }

  @Test
  void replacesACheckpointOfTheSameName() throws IOException {
    write("epoch_3").dropOptimizer();

    assertThat(files(write("epoch_3").folder())).contains("optimizer.safetensors");
  }

  @Test
  void findsAnEpoch() throws IOException {
    write("epoch_3");

    assertThat(Checkpoint.of(outputDir, 3).run()).isEqualTo(run());
  }

  @Test
  void listsTheEpochsByNumberAndNothingElse() throws IOException {
    for (String name :
        List.of(
            "epoch_10",
            "epoch_9",
            "interrupted",
            ".epoch_11-1.partial",
            "epoch_007",
            "epoch_0",
            "epoch_-1",
            "epoch_99999999999")) {
      Files.createDirectories(outputDir.resolve(name));
    }
    Files.createFile(outputDir.resolve("epoch_11"));
    Files.createFile(outputDir.resolve(".epoch_12.replaced"));

    assertThat(Checkpoint.epochs(outputDir)).containsExactly(9, 10);
  }

  @Test
  void aFolderThatIsNotThereHasNoEpochs() throws IOException {
    assertThat(Checkpoint.epochs(outputDir.resolve("nowhere"))).isEmpty();
  }

  @Test
  void refusesAnEpochThatDoesNotExistAndListsThoseThatDo() throws IOException {
    Files.createDirectories(outputDir.resolve("epoch_2"));
    Files.createDirectories(outputDir.resolve("epoch_1"));

    assertThatIllegalArgumentException()
        .isThrownBy(() -> Checkpoint.of(outputDir, 50))
        .withMessage(
            "Expected epoch 50 in %s, found epochs [1, 2]. Choose one of these, or train longer.",
            outputDir);
  }

  @Test
  void refusesAnEpochOfARunThatHasNone() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Checkpoint.of(outputDir, 50))
        .withMessage(
            "Expected epoch 50 in %s, found no epochs. Train first: run egitim.ipynb.", outputDir);
  }

  @Test
  void refusesAFolderWithoutAScheduler() throws IOException {
    Checkpoint checkpoint = write("epoch_3");
    Path file = checkpoint.folder().resolve("scheduler/scheduler_config.json");
    Files.delete(file);

    assertThatIllegalArgumentException()
        .isThrownBy(checkpoint::scheduler)
        .withMessage(
            "Expected a file %s, found none. Copy the complete folder of the epoch.", file);
  }

  @Test
  void refusesAFolderWithoutADescription() throws IOException {
    Checkpoint checkpoint = write("epoch_3");
    Path file = checkpoint.folder().resolve("run.json");
    Files.delete(file);

    assertThatIllegalArgumentException()
        .isThrownBy(checkpoint::run)
        .withMessage(
            "Expected a file %s, found none. Copy the complete folder of the epoch.", file);
  }

  @Test
  void aFailureWhileWritingLeavesNothing() {
    assertThatIllegalArgumentException().isThrownBy(this::writeUnwritable);

    assertThat(outputDir).isEmptyDirectory();
  }

  @Test
  void aFailureWhileWritingLeavesTheCheckpointThatWasThere() throws IOException {
    Checkpoint before = write("epoch_3");

    assertThatIllegalArgumentException().isThrownBy(this::writeUnwritable);

    assertThat(Checkpoint.of(outputDir, 3).run()).isEqualTo(run());
    assertSameWeights(before.unet(manager), averaged);
  }

  private Checkpoint write(String name) throws IOException {
    return write(name, Map.of("step", manager.create(7f)));
  }

  /** Fails after both networks are written. */
  private void writeUnwritable() throws IOException {
    write("epoch_3", Map.of("step", manager.zeros(new Shape(), DataType.INT64)));
  }

  private Checkpoint write(String name, Map<String, NDArray> optimizer) throws IOException {
    return Checkpoint.write(
        outputDir, name, new Checkpoint.State(trained, averaged, optimizer, SCHEDULER, run()));
  }

  private static RunRecord run() {
    return TinyRun.at(Instant.EPOCH, 3, 0, "{}");
  }

  private static void assertSameWeights(UNet2DModel actual, UNet2DModel expected) {
    expected
        .parameters()
        .forEach(
            (name, weight) ->
                assertThat(actual.parameters().get(name).toFloatArray())
                    .as(name)
                    .isEqualTo(weight.toFloatArray()));
  }

  private static List<String> files(Path folder) throws IOException {
    try (Stream<Path> paths = Files.walk(folder)) {
      return paths
          .filter(Files::isRegularFile)
          .map(path -> folder.relativize(path).toString().replace('\\', '/'))
          .toList();
    }
  }
}
