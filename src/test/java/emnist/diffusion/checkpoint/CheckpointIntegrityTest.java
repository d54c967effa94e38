package emnist.diffusion.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.ndarray.NDManager;
import com.fasterxml.jackson.databind.node.ObjectNode;
import emnist.diffusion.TinyModel;
import emnist.diffusion.TinyRun;
import emnist.diffusion.config.Json;
import emnist.diffusion.files.Sha256;
import emnist.diffusion.model.UNet2DModel;
import emnist.diffusion.scheduler.DDPMSchedulerConfig;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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

      assertChanged(checkpoint);
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

  @Test
  void whatTheManifestDoesNotListIsRefusedWhereItWouldBeRead() throws IOException {
    Checkpoint checkpoint = write("epoch_1", EARLIER, 1, 5);
    for (String unlisted :
        List.of(
            "unet_ema/diffusion_pytorch_model.safetensors.index.json",
            "unet/model.safetensors",
            "scheduler/more.json")) {
      Path file = Files.writeString(checkpoint.folder().resolve(unlisted), "{}");

      assertThatIllegalArgumentException()
          .isThrownBy(checkpoint::verify)
          .withMessage(
              "Expected %s in the list of files in %s, found it is not there. Copy or download the folder again.",
              unlisted, checkpoint.folder().resolve("manifest.json"));
      assertThatIllegalArgumentException().isThrownBy(this::latest);
      Files.delete(file);
    }
    Files.writeString(
        checkpoint.folder().resolve("unet_ema/diffusion_pytorch_model.safetensors.index.json"),
        "{}");
    assertThatIllegalArgumentException().isThrownBy(() -> checkpoint.unet(manager));
  }

  @Test
  void aFolderThatTheManifestDoesNotListIsNotRead() throws IOException {
    Checkpoint checkpoint = write("epoch_1", EARLIER, 1, 5);
    list(checkpoint, name -> !name.startsWith("unet_ema/"), Function.identity());

    assertThatIllegalArgumentException()
        .isThrownBy(() -> checkpoint.unet(manager))
        .withMessageStartingWith("Expected unet_ema/");
    assertThatIllegalArgumentException().isThrownBy(checkpoint::verify);
    assertThatIllegalArgumentException().isThrownBy(this::latest);

    Path average = checkpoint.folder().resolve("unet_ema");
    Path elsewhere = Files.move(average, outputDir.resolve("elsewhere"));
    Files.createSymbolicLink(average, elsewhere);
    assertThatIllegalArgumentException().isThrownBy(() -> checkpoint.unet(manager));
    assertThatIllegalArgumentException().isThrownBy(checkpoint::verify);

    list(checkpoint, name -> !name.equals("run.json"), Function.identity());
    assertThatIllegalArgumentException().isThrownBy(checkpoint::nullClass);
  }

  @Test
  void aUsersOwnFilesAreNoneOfTheManifests() throws IOException {
    Checkpoint checkpoint = write("epoch_1", EARLIER, 1, 5);
    for (String name :
        List.of(
            ".DS_Store",
            "unet/.DS_Store",
            "unet/._config.json",
            "unet_ema/Thumbs.db",
            "desktop.ini",
            "README.md",
            "samples.json",
            "unet/notes.txt")) {
      Files.writeString(checkpoint.folder().resolve(name), "mine");
    }

    checkpoint.verify();
    checkpoint.unet(manager).close();
    assertThat(latest()).isEqualTo("epoch_1");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "../epoch_2/run.json",
        "/etc/hostname",
        "unet/../run.json",
        "unet//config.json",
        "./run.json",
        "unet\\config.json",
        "C:/run.json",
        "run.json/",
        "",
        "..",
        "a\u0000b"
      })
  void aNameThatLeadsElsewhereIsRefused(String name) throws IOException {
    Checkpoint checkpoint = write("epoch_1", EARLIER, 1, 5);
    write("epoch_2", EARLIER, 2, 5);
    list(checkpoint, listed -> true, listed -> listed.equals("run.json") ? name : listed);

    assertThatIllegalArgumentException()
        .isThrownBy(checkpoint::verify)
        .withMessageContaining("as it was written, found it changed");
    assertThatIllegalArgumentException().isThrownBy(checkpoint::run);
  }

  private static void assertChanged(Checkpoint checkpoint) {
    assertThatIllegalArgumentException()
        .isThrownBy(checkpoint::run)
        .withMessageContaining("as it was written, found it changed");
  }

  @Test
  void aManifestOfMillionsIsRefusedUnread() throws IOException {
    Checkpoint checkpoint = write("epoch_1", EARLIER, 1, 5);
    Path manifest = checkpoint.folder().resolve("manifest.json");
    try (RandomAccessFile file = new RandomAccessFile(manifest.toFile(), "rw")) {
      file.setLength(1L << 40);
    }

    assertChanged(checkpoint);
  }

  @Test
  void aListedFileThatIsALinkIsRefused() throws IOException {
    Checkpoint checkpoint = write("epoch_1", EARLIER, 1, 5);
    for (String name : List.of("run.json", "manifest.json", "unet", "unet_ema/config.json")) {
      Path file = checkpoint.folder().resolve(name);
      Path elsewhere = Files.move(file, outputDir.resolve("elsewhere"));
      Files.createSymbolicLink(file, elsewhere);

      assertThatIllegalArgumentException()
          .isThrownBy(checkpoint::verify)
          .withMessageContaining(name)
          .withMessageMatching(".*found (a link, a folder or a device|it is not there)\\..*");
      Files.move(elsewhere, file, StandardCopyOption.REPLACE_EXISTING);
    }
    checkpoint.verify();
  }

  @Test
  void anEpochThatIsALinkIsReadAndItsWeightsStayWhenItIsDeleted() throws IOException {
    Path elsewhere = Files.createDirectory(outputDir.resolve("elsewhere"));
    Files.move(write("epoch_1", EARLIER, 1, 5).folder(), elsewhere.resolve("epoch_1"));
    Files.createSymbolicLink(outputDir.resolve("epoch_1"), elsewhere.resolve("epoch_1"));

    Checkpoint checkpoint = Checkpoint.of(outputDir, 1);
    checkpoint.verify();
    checkpoint.delete();

    assertThat(Checkpoint.epochs(outputDir)).isEmpty();
    new Checkpoint(elsewhere.resolve("epoch_1")).verify();
  }

  @Test
  @Timeout(60)
  void aPipeInPlaceOfAnyFileIsRefused() throws Exception {
    Checkpoint checkpoint = write("epoch_1", EARLIER, 1, 5);
    for (Path file : files(checkpoint.folder())) {
      byte[] content = Files.readAllBytes(file);
      Files.delete(file);
      assumeTrue(
          new ProcessBuilder("mkfifo", file.toString()).start().waitFor() == 0, "no pipes here");

      assertThatIllegalArgumentException()
          .isThrownBy(checkpoint::verify)
          .withMessageContaining(file.toString());
      assertThatIllegalArgumentException().isThrownBy(this::latest);
      for (ThrowingCallable reading :
          List.<ThrowingCallable>of(
              checkpoint::run,
              checkpoint::scheduler,
              checkpoint::nullClass,
              () -> checkpoint.unet(manager).close())) {
        assertThat(catchThrowable(reading))
            .satisfiesAnyOf(
                nothing -> assertThat(nothing).isNull(),
                refusal -> assertThat(refusal).isInstanceOf(IllegalArgumentException.class));
      }
      Files.delete(file);
      Files.write(file, content);
    }
    checkpoint.verify();
  }

  @Test
  void weightsOfPythonMayBeLinks() throws IOException {
    Checkpoint checkpoint = write("epoch_1", EARLIER, 1, 5);
    Files.delete(checkpoint.folder().resolve("manifest.json"));
    Files.delete(checkpoint.folder().resolve("run.json"));
    Path blobs = Files.createDirectory(outputDir.resolve("blobs"));
    for (Path file : files(checkpoint.folder())) {
      Path blob = blobs.resolve(Integer.toString(file.hashCode()));
      Files.createSymbolicLink(file, Files.move(file, blob));
    }

    checkpoint.unet(manager).close();
    checkpoint.scheduler();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"epoch\": \"five\"",
        "\"epoch\": -5",
        "\"batch\": -5",
        "\"training\": 5",
        "\"dataset\": [null]",
        "\"versions\": true",
        "\"loss_curve\": {\"points\": [null]}",
        "\"started\": null"
      })
  void aRunThatCannotBeIsRefusedWhereverItIsRead(String wrong) throws IOException {
    Checkpoint checkpoint = write("epoch_1", EARLIER, 1, 5);
    Path file = checkpoint.folder().resolve("run.json");
    ObjectNode run = Json.object(Json.parse(file));
    run.setAll(Json.object(Json.parse("{" + wrong + "}")));
    Files.writeString(file, Json.write(run));
    list(checkpoint, name -> true, Function.identity());
    checkpoint.verify();

    for (ThrowingCallable reading :
        List.<ThrowingCallable>of(checkpoint::run, checkpoint::nullClass)) {
      assertThatIllegalArgumentException()
          .isThrownBy(reading)
          .withMessageMatching(
              "Expected what training writes in \\Q%s\\E, found .+\\. Copy .+".formatted(file));
    }
    assertThatIllegalArgumentException()
        .isThrownBy(this::latest)
        .withMessageStartingWith("Expected a checkpoint to resume in ");
  }

  /** Writes the manifest of a folder as it is now. */
  private static void list(
      Checkpoint checkpoint, Predicate<String> isListed, Function<String, String> naming)
      throws IOException {
    SortedMap<String, Fingerprint> listed = new TreeMap<>();
    for (Path file : files(checkpoint.folder())) {
      String name = checkpoint.folder().relativize(file).toString().replace('\\', '/');
      if (isListed.test(name) && !name.equals("manifest.json")) {
        listed.put(naming.apply(name), new Fingerprint(Files.size(file), Sha256.of(file)));
      }
    }
    VerifiedFolder.writeManifest(checkpoint.folder(), listed);
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
