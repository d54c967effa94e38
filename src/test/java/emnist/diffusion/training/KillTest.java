package emnist.diffusion.training;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDManager;
import emnist.diffusion.JavaProcess;
import emnist.diffusion.checkpoint.Checkpoint;
import emnist.diffusion.checkpoint.RunRecord.RunPosition;
import emnist.diffusion.evaluation.MetricsCsv;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code kill -9} at random moments; {@code -Dkills=50} for more of them. */
class KillTest {

  private static final int KILLS = Integer.getInteger("kills", 3);
  private static final int MAX_MILLISECONDS = 1500;

  /** So small that an epoch is little more than its checkpoint. */
  private static final TrainingConfig CONFIG =
      TrainingConfig.fromJson(
          """
          {"num_epochs": 100000, "train_batch_size": 10, "checkpoints_total_limit": 3,
           "keep_every_epochs": 25}
          """);

  @TempDir Path folder;

  @Test
  void aKilledRunLeavesWholeCheckpointsAndAWholeTable() throws Exception {
    TinyTraining run = new TinyTraining(folder, CONFIG);
    Random random = new Random(1);
    RunPosition before = new RunPosition(Instant.EPOCH, 0, 0);
    int leftovers = 0;
    for (int kill = 0; kill < KILLS; kill++) {
      Process process =
          JavaProcess.start(TinyTraining.class, folder.toString(), CONFIG.toJson().toString(), "0");
      JavaProcess.awaitLine(process, TinyTraining.STARTED);
      Thread.sleep(random.nextInt(MAX_MILLISECONDS));
      process.destroyForcibly().waitFor();

      leftovers += leftovers(run.outputDir());
      assertWhole(run);
      if (!Checkpoint.epochs(run.outputDir()).isEmpty()) {
        RunPosition now = Checkpoint.latest(run.outputDir()).orElseThrow().run().position();
        assertThat(now).isGreaterThanOrEqualTo(before);
        before = now;
      }
    }
    System.out.printf(
        "%s kills, %s while a checkpoint was written or deleted, up to epoch %s%n",
        KILLS, leftovers, before.epoch());
  }

  private static void assertWhole(TinyTraining run) throws IOException {
    List<Integer> epochs = Checkpoint.epochs(run.outputDir());
    try (NDManager manager = NDManager.newBaseManager()) {
      for (int epoch : epochs) {
        Checkpoint checkpoint = Checkpoint.of(run.outputDir(), epoch);
        checkpoint.verify();
        checkpoint.unet(manager).close();
      }
    }
    MetricsCsv.ofEpochs(run.metrics());
    if (Files.exists(run.metrics())) {
      List<String> rows = Files.readAllLines(run.metrics());
      assertThat(rows.stream().skip(1).map(row -> row.substring(0, row.indexOf(','))))
          .containsExactlyElementsOf(
              IntStream.range(1, rows.size()).mapToObj(Integer::toString).toList());
    }
  }

  private static int leftovers(Path outputDir) throws IOException {
    try (var children = Files.newDirectoryStream(outputDir, ".epoch_*")) {
      return children.iterator().hasNext() ? 1 : 0;
    }
  }
}
