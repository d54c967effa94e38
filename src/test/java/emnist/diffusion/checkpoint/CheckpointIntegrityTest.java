package emnist.diffusion.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowable;

import ai.djl.ndarray.NDManager;
import emnist.diffusion.TinyModel;
import emnist.diffusion.TinyRun;
import emnist.diffusion.files.Sha256;
import emnist.diffusion.model.UNet2DModel;
import emnist.diffusion.scheduler.DDPMSchedulerConfig;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointIntegrityTest {

  private static final Instant EARLIER = Instant.parse("2026-01-01T00:00:00Z");
  private static final Instant LATER = Instant.parse("2026-01-01T00:00:00.5Z");

  private final NDManager manager = NDManager.newBaseManager();
  private UNet2DModel model;

  @TempDir Path outputDir;

  @BeforeEach
  void createNetwork() {
    model = TinyModel.create(manager, 1);
  }

  @AfterEach
  void freeArrays() {
    manager.close();
  }

  @Test
  void whatWasWrittenIsWhole() throws IOException {
    write("epoch_1", EARLIER, 1, 5).verify();
  }

  @Test
  void aFlippedByteAnywhereIsReportedByFileName() throws IOException {
    Checkpoint checkpoint = write("epoch_1", EARLIER, 1, 5);
    Random random = new Random(1);
    for (Path file : files(checkpoint.folder())) {
      byte[] whole = Files.readAllBytes(file);
      for (int i = 0; i < 20; i++) {
        byte[] flipped = whole.clone();
        flipped[random.nextInt(whole.length)] ^= (byte) (1 << random.nextInt(8));
        Files.write(file, flipped);
        assertThat(catchThrowable(checkpoint::verify))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessageContaining(file.toString())
            .hasMessageContaining("Copy or download the folder again.");
      }
      Files.write(file, whole);
    }
    checkpoint.verify();
  }

  @Test
  void aFileThatIsMissingIsReportedByName() throws IOException {
    Checkpoint checkpoint = write("epoch_1", EARLIER, 1, 5);
    for (Path file : files(checkpoint.folder())) {
      byte[] whole = Files.readAllBytes(file);
      Files.delete(file);
      assertThatIllegalArgumentException()
          .isThrownBy(checkpoint::verify)
          .withMessage(
              "Expected a file %s, found none. Copy the complete folder of the epoch.", file);
      Files.write(file, whole);
    }
  }

  @Test
  void aFileThatChangesAfterItWasReadIsFound() throws IOException {
    Checkpoint checkpoint = write("epoch_1", EARLIER, 1, 5);
    assertThat(checkpoint.run().position().epoch()).isEqualTo(1);
    Path run = checkpoint.folder().resolve("run.json");
    Files.writeString(run, Files.readString(run).replace("\"epoch\": 1", "\"epoch\": 12"));

    assertThatIllegalArgumentException()
        .isThrownBy(checkpoint::run)
        .withMessageContaining("bytes in " + run);
  }

  @Test
  void aReplacedCheckpointIsReadAnew() throws IOException {
    Checkpoint kept = write("epoch_1", EARLIER, 1, 5);
    kept.verify();
    write("epoch_1", LATER, 1, 6).dropOptimizer();

    assertThat(kept.run().position().batch()).isEqualTo(6);
    kept.verify();
  }

  @Test
  void aManifestWithoutAFingerprintIsRefused() throws IOException {
    Checkpoint checkpoint = write("epoch_1", EARLIER, 1, 5);
    for (String files : List.of("null", "{\n    \"run.json\": null\n  }")) {
      String hash =
          new Sha256().add(files.replaceAll("\\s", "").getBytes(StandardCharsets.UTF_8)).hex();
      Files.writeString(
          checkpoint.folder().resolve("manifest.json"),
          "{\n  \"files\": %s,\n  \"sha256\": \"%s\"\n}\n".formatted(files, hash));

      assertThatIllegalArgumentException()
          .isThrownBy(checkpoint::run)
          .withMessageContaining("as it was written, found it changed");
    }
  }

  @Test
  void aFileThatIsTooShortIsReportedWithItsSize() throws IOException {
    Checkpoint checkpoint = write("epoch_1", EARLIER, 1, 5);
    Path file = checkpoint.folder().resolve("unet/config.json");
    int bytes = Files.readAllBytes(file).length;
    Files.writeString(file, "{}");

    assertThatIllegalArgumentException()
        .isThrownBy(checkpoint::verify)
        .withMessage(
            "Expected %s bytes in %s, found 2. Copy or download the folder again.", bytes, file);
  }

  @Test
  void damagedWeightsAreNotLoaded() throws IOException {
    Checkpoint checkpoint = write("epoch_1", EARLIER, 1, 5);
    Path file = checkpoint.folder().resolve("unet_ema/diffusion_pytorch_model.safetensors");
    damage(file);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> Checkpoint.of(outputDir, 1).unet(manager))
        .withMessageMatching(
            "Expected SHA-256 \\w{64} in \\Q%s\\E, found \\w{64}\\..*".formatted(file));
  }

  @Test
  void aDamagedAverageIsNotReplacedByTheTrainedNetwork() throws IOException {
    Checkpoint checkpoint = write("epoch_1", EARLIER, 1, 5);
    Path average = checkpoint.folder().resolve("unet_ema");
    Files.move(average, outputDir.resolve("elsewhere"));

    assertThatIllegalArgumentException()
        .isThrownBy(() -> checkpoint.unet(manager))
        .withMessageContaining(average.toString());
  }

  @Test
  void aSchedulerThatWasChangedIsRefused() throws IOException {
    Checkpoint checkpoint = write("epoch_1", EARLIER, 1, 5);
    Path file = checkpoint.folder().resolve("scheduler/scheduler_config.json");
    Files.writeString(file, Files.readString(file).replace("1000", "2000"));

    assertThatIllegalArgumentException()
        .isThrownBy(checkpoint::scheduler)
        .withMessageContaining("SHA-256");
  }

  @Test
  void aFolderThatLostItsManifestIsRefused() throws IOException {
    Checkpoint checkpoint = write("epoch_1", EARLIER, 1, 5);
    Path manifest = checkpoint.folder().resolve("manifest.json");
    Files.delete(manifest);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> checkpoint.unet(manager))
        .withMessage(
            "Expected a file %s, found none. Copy the complete folder of the epoch.", manifest);
  }

  @Test
  void isWholeWithoutTheOptimizerThatWasDropped() throws IOException {
    Checkpoint checkpoint = write("epoch_1", EARLIER, 1, 5);

    checkpoint.dropOptimizer();

    checkpoint.verify();
    assertThat(checkpoint.folder().resolve("optimizer.safetensors")).doesNotExist();
  }

  @Test
  void theLatestIsTheFurthestOfTheRunThatWasStartedLast() throws IOException {
    write("epoch_50", EARLIER, 50, 5);
    write("epoch_2", LATER, 2, 5);
    write("interrupted", LATER, 3, 1);

    assertThat(latest()).isEqualTo("interrupted");
    write("epoch_3", LATER, 3, 5);
    assertThat(latest()).isEqualTo("epoch_3");
  }

  @Test
  void theLatestSkipsWhatIsDamaged() throws IOException {
    write("epoch_1", EARLIER, 1, 5);
    Checkpoint second = write("epoch_2", EARLIER, 2, 5);
    damage(second.folder().resolve("optimizer.safetensors"));

    assertThat(latest()).isEqualTo("epoch_1");
  }

  @Test
  void theLatestIsTheOldOneWhereACrashCameBetweenItAndTheNew() throws IOException {
    Checkpoint checkpoint = write("epoch_1", EARLIER, 1, 5);
    Files.move(checkpoint.folder(), outputDir.resolve(".epoch_1.replaced"));

    assertThat(latest()).isEqualTo(".epoch_1.replaced");
    assertThat(Checkpoint.of(outputDir, 1).unet(manager).config()).isEqualTo(model.config());
  }

  @Test
  void theLatestHasAnOptimizer() throws IOException {
    write("epoch_1", EARLIER, 1, 5);
    write("epoch_2", EARLIER, 2, 5).dropOptimizer();

    assertThat(latest()).isEqualTo("epoch_1");
  }

  @Test
  void theLatestSkipsWhatCannotBeRead() throws IOException {
    write("epoch_1", EARLIER, 1, 5);
    Checkpoint second = write("epoch_2", EARLIER, 2, 5);
    Path run = second.folder().resolve("run.json");
    Files.delete(run);
    Files.createDirectory(run);

    assertThat(latest()).isEqualTo("epoch_1");
  }

  @Test
  void theLatestIsTheEpochWhereADamagedInterruptWasAsFar() throws IOException {
    write("epoch_2", EARLIER, 2, 5);
    Checkpoint interrupted = write("interrupted", EARLIER, 2, 5);
    damage(interrupted.folder().resolve("optimizer.safetensors"));

    assertThat(latest()).isEqualTo("epoch_2");
  }

  @Test
  void thereIsNoLatestInAFolderWithoutCheckpoints() throws IOException {
    assertThat(Checkpoint.latest(outputDir)).isEmpty();
    assertThat(Checkpoint.latest(outputDir.resolve("nowhere"))).isEmpty();
  }

  @Test
  void refusesAFolderWhereAllAreDamaged() throws IOException {
    damage(write("epoch_1", EARLIER, 1, 5).folder().resolve("run.json"));
    damage(write("interrupted", EARLIER, 2, 5).folder().resolve("optimizer.safetensors"));

    assertThatIllegalArgumentException()
        .isThrownBy(this::latest)
        .withMessage(
            "Expected a checkpoint to resume in %s, found 2 that cannot serve, as the warnings say. Copy one of them again, or choose another folder.",
            outputDir);
  }

  @Test
  void anOptimizerThatWasBeingDroppedIsNotReadAgain() throws IOException {
    Checkpoint checkpoint = write("epoch_1", EARLIER, 1, 5);
    Path optimizer = checkpoint.folder().resolve("optimizer.safetensors");
    byte[] bytes = Files.readAllBytes(optimizer);
    checkpoint.dropOptimizer();
    Files.write(optimizer, bytes); // as a crash leaves it, after the manifest

    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> checkpoint.restore(manager, model.parameters(), model.parameters(), Map.of()))
        .withMessageStartingWith("Expected an optimizer.safetensors in ");
  }

  @Test
  void aDeletedCheckpointIsGone() throws IOException {
    write("epoch_1", EARLIER, 1, 5).delete();

    assertThat(outputDir).isEmptyDirectory();
  }

  private String latest() throws IOException {
    return Checkpoint.latest(outputDir).orElseThrow().folder().getFileName().toString();
  }

  private Checkpoint write(String name, Instant started, int epoch, int batch) throws IOException {
    return Checkpoint.write(
        outputDir,
        name,
        new Checkpoint.State(
            model,
            model,
            Map.of("step", manager.create(7f)),
            DDPMSchedulerConfig.defaults(),
            TinyRun.at(started, epoch, batch, "{}")));
  }

  private static void damage(Path file) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length - 1] ^= 1;
    Files.write(file, bytes);
  }

  private static List<Path> files(Path folder) throws IOException {
    try (Stream<Path> paths = Files.walk(folder)) {
      return paths.filter(Files::isRegularFile).toList();
    }
  }
}
