package emnist.diffusion.training;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDManager;
import emnist.diffusion.TinyModel;
import emnist.diffusion.TinyRun;
import emnist.diffusion.checkpoint.Checkpoint;
import emnist.diffusion.checkpoint.RunRecord.RunPosition;
import emnist.diffusion.evaluation.AnimatedGif;
import emnist.diffusion.evaluation.EvaluationConfig;
import emnist.diffusion.evaluation.EvaluationMetrics;
import emnist.diffusion.evaluation.MetricsCsv;
import emnist.diffusion.evaluation.PngWriter;
import emnist.diffusion.files.FaultyFileSystem;
import emnist.diffusion.model.UNet2DModel;
import emnist.diffusion.scheduler.DDPMSchedulerConfig;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Each file operation of a run's writing fails in turn, or is the first that a crash prevents; and
 * what is announced as written is on the disk.
 */
class CrashTest {

  private static final TrainingConfig CONFIG =
      TrainingConfig.fromJson("{\"num_epochs\": 4, \"checkpoints_total_limit\": 2}");

  private static final Instant STARTED = Instant.parse("2026-01-01T00:00:00Z");

  private static final BufferedImage PICTURE =
      new BufferedImage(9, 9, BufferedImage.TYPE_BYTE_GRAY);

  private static final EvaluationMetrics METRICS =
      new EvaluationMetrics(
          new EvaluationMetrics.Scores(1, 2, 3, 4, 5),
          new EvaluationMetrics.Conditions(
              new EvaluationConfig(2, 1, 0, 2), "none", "DDPMScheduler", 1, "", ""));

  private interface FileWriting {
    void write(Path file) throws IOException;
  }

  private static final Map<String, FileWriting> FILES =
      Map.of(
          "strip.png", file -> PngWriter.write(file, PICTURE, Map.of("seed", "1")),
          "strip.gif", file -> AnimatedGif.write(file, List.of(PICTURE, PICTURE)),
          "table.csv", file -> MetricsCsv.ofEpochs(file).append(1, METRICS));

  private final NDManager manager = NDManager.newBaseManager();
  private UNet2DModel model;

  @TempDir Path folder;

  /** What is written, into a folder that has the epochs 2 and 3 of a run and an interrupt. */
  private enum Writing {
    NEW_EPOCH("epoch_4", 4, 0),
    REPLACED_EPOCH("epoch_3", 3, 1);

    private final String name;
    private final int epoch;
    private final int batch;

    Writing(String name, int epoch, int batch) {
      this.name = name;
      this.epoch = epoch;
      this.batch = batch;
    }
  }

  private enum Fault {
    FAILURE,
    CRASH
  }

  /** Lets a number of operations happen; then one fails, or all do. */
  private static final class CountingDisk implements FaultyFileSystem.Disk {

    private final Fault fault;
    private final int faultless;
    private final Map<Path, Integer> writes = new HashMap<>();
    private int operations;
    private boolean isDown;

    CountingDisk(Fault fault, int faultless) {
      this.fault = fault;
      this.faultless = faultless;
    }

    @Override
    public synchronized void before(String operation, Path path) throws IOException {
      boolean isCounted =
          operation.equals("write")
              ? writes.merge(path, 1, Integer::sum) <= 2 // of hundreds, after nothing and something
              : !operation.equals("read");
      boolean isNext = isCounted && operations++ == faultless;
      isDown |= isNext && fault == Fault.CRASH;
      if (isNext || isDown) {
        throw new IOException("Input/output error");
      }
    }
  }

  @BeforeEach
  void createNetwork() {
    String oneBlock =
        """
        "block_out_channels": [2], "norm_num_groups": 1, "attention_head_dim": 2,
        "down_block_types": ["DownBlock2D"], "up_block_types": ["UpBlock2D"]
        """;
    model = TinyModel.create(manager, 1, oneBlock);
  }

  @AfterEach
  void freeArrays() {
    manager.close();
  }

  @ParameterizedTest
  @EnumSource
  void noFaultLosesACheckpointOrLeavesHalfOfOne(Writing writing) throws IOException {
    Path before = Files.createDirectory(folder.resolve("before"));
    for (int epoch = 2; epoch <= 3; epoch++) {
      Checkpoint.write(before, Checkpoint.name(epoch), state(epoch, 0));
    }
    Checkpoint.write(before, Checkpoint.INTERRUPTED, state(3, 0));
    for (Fault fault : Fault.values()) {
      boolean isOver = false;
      for (int faultless = 0; !isOver; faultless++) {
        Path outputDir = copy(before, folder.resolve(fault + "-" + faultless));
        CountingDisk disk = new CountingDisk(fault, faultless);
        IOException failure = write(FaultyFileSystem.on(disk, outputDir), writing);
        isOver = disk.operations <= faultless;
        assertNothingIsLost(outputDir, writing, fault, failure);
      }
    }
  }

  /** As a run does after an epoch; returns what it failed with. */
  private IOException write(Path outputDir, Writing writing) {
    try (RunFolder run = RunFolder.open(outputDir, CONFIG, 1, writing.epoch)) {
      run.save(writing.name, state(writing.epoch, writing.batch));
      run.prune(new RunPosition(STARTED, writing.epoch, writing.batch));
      return null;
    } catch (IOException e) {
      return e;
    }
  }

  private static void assertNothingIsLost(
      Path outputDir, Writing writing, Fault fault, IOException failure) throws IOException {
    RunPosition written = new RunPosition(STARTED, writing.epoch, writing.batch);
    for (int start = 0; start < 2; start++) {
      RunPosition latest = Checkpoint.latest(outputDir).orElseThrow().run().position();
      assertThat(latest).isGreaterThanOrEqualTo(new RunPosition(STARTED, 3, 0));
      if (failure == null) {
        assertThat(latest).isEqualTo(written);
      } else if (fault == Fault.FAILURE) {
        assertThat(failure)
            .hasMessageMatching("Expected to \\w+ \\Q" + outputDir + "\\E.*, found .+\\. .+\\.");
      }
      List<Integer> epochs = Checkpoint.epochs(outputDir);
      assertThat(epochs).contains(3);
      for (int epoch : epochs) {
        Checkpoint.of(outputDir, epoch).verify();
      }
      RunFolder.open(outputDir, CONFIG, 1, 4).close();
      try (Stream<Path> paths = Files.walk(outputDir)) {
        assertThat(paths.map(path -> path.getFileName().toString()))
            .noneMatch(name -> name.startsWith(".") && !name.equals(".lock"));
      }
    }
  }

  /** Files and folders that a power cut would lose, because a change of theirs is not flushed. */
  private static final class VolatileDisk implements FaultyFileSystem.Disk {

    private final Set<Path> unflushed = new TreeSet<>();

    @Override
    public synchronized void before(String operation, Path path) {
      switch (operation) {
        case "write", "truncate" -> unflushed.add(path);
        case "open", "createDirectory" -> unflushed.add(path.getParent());
        case "force", "delete" -> unflushed.remove(path);
        default -> {}
      }
    }

    @Override
    public synchronized void beforeMove(Path from, Path to) {
      assertThat(unflushed).noneMatch(path -> path.startsWith(from));
      unflushed.add(to.getParent());
    }
  }

  @Test
  void aPowerCutLosesNothingOfAnEpochInANewFolder() throws IOException {
    VolatileDisk disk = new VolatileDisk();
    Path outputDir = FaultyFileSystem.on(disk, folder.resolve("new/run"));

    try (RunFolder run = RunFolder.open(outputDir, CONFIG, 1, 1)) {
      disk.unflushed.removeIf(path -> path.endsWith(".lock"));
      disk.unflushed.remove(folder.resolve("new/run"));
      assertThat(disk.unflushed).isEmpty();
      for (int batch = 0; batch < 2; batch++) { // the second replaces the first
        run.save("epoch_1", state(1, batch));
        assertThat(disk.unflushed).isEmpty();
      }
    }

    assertThat(Checkpoint.latest(folder.resolve("new/run"))).isPresent();
  }

  @Test
  void aPowerCutLosesNoPictureAndNoTableInANewFolder() throws IOException {
    for (String name : FILES.keySet()) {
      VolatileDisk disk = new VolatileDisk();
      Path file = folder.resolve("new-" + name).resolve("below").resolve(name);

      FILES.get(name).write(FaultyFileSystem.on(disk, file));

      assertThat(disk.unflushed).isEmpty();
      assertThat(file).exists();
    }
  }

  @Test
  void noFaultLosesAPictureOrATable() throws IOException {
    for (String name : FILES.keySet()) {
      FileWriting writing = FILES.get(name);
      Path file = folder.resolve("files").resolve(name);
      writing.write(file);
      byte[] complete = Files.readAllBytes(file);
      for (Fault fault : Fault.values()) {
        boolean isOver = false;
        for (int faultless = 0; !isOver; faultless++) {
          CountingDisk disk = new CountingDisk(fault, faultless);
          try {
            writing.write(FaultyFileSystem.on(disk, file));
            isOver = disk.operations <= faultless;
          } catch (IOException e) {
            assertThat(
                    fault == Fault.CRASH
                        ? "Expected to write " + file + ", found it."
                        : e.getMessage())
                .startsWith("Expected to ")
                .contains(file.getParent() + "")
                .contains(", found ");
          }
          assertThat(file).hasBinaryContent(complete);
        }
      }
    }
  }

  @Test
  void anOldCheckpointThatCannotBeDeletedIsAWarning() throws IOException {
    Path outputDir = folder.resolve("run");
    FaultyFileSystem.Disk disk =
        (operation, path) -> {
          if (operation.equals("delete") && !path.toString().contains("epoch_4")) {
            throw new IOException("Input/output error");
          }
        };
    for (String name : List.of("epoch_1", "epoch_2", "epoch_3", "interrupted")) {
      Checkpoint.write(outputDir, name, state(name.equals("interrupted") ? 3 : 1, 0));
    }
    Files.createDirectories(outputDir.resolve(".epoch_3-0123456789abcdef0123456789abcdef.partial"));

    assertThat(write(FaultyFileSystem.on(disk, outputDir), Writing.NEW_EPOCH)).isNull();

    assertThat(Checkpoint.epochs(outputDir)).containsExactly(3, 4);
    RunFolder.open(outputDir, CONFIG, 1, 5).close();
    assertThat(outputDir).isDirectoryNotContaining("glob:**.partial");
  }

  @ParameterizedTest
  @ValueSource(strings = {"getFileStore", "lock"})
  void whatTheSystemCannotSayStopsNoTraining(String unknown) throws IOException {
    FaultyFileSystem.Disk disk =
        (operation, path) -> {
          if (operation.equals(unknown)) {
            throw new IOException("Mount point not found");
          }
        };
    Path outputDir = folder.resolve("run");

    assertThat(write(FaultyFileSystem.on(disk, outputDir), Writing.NEW_EPOCH)).isNull();

    assertThat(Checkpoint.epochs(outputDir)).containsExactly(4);
  }

  private static Path copy(Path from, Path to) throws IOException {
    try (Stream<Path> paths = Files.walk(from)) {
      for (Path path : (Iterable<Path>) paths::iterator) {
        Files.copy(path, to.resolve(from.relativize(path)));
      }
    }
    return to;
  }

  private Checkpoint.State state(int epoch, int batch) {
    return new Checkpoint.State(
        model,
        model,
        Map.of("step", manager.create(7f)),
        DDPMSchedulerConfig.defaults(),
        TinyRun.at(STARTED, epoch, batch, "{}"));
  }
}
