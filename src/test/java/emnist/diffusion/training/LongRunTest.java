package emnist.diffusion.training;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDManager;
import emnist.diffusion.TinyDataset;
import emnist.diffusion.TinyModel;
import emnist.diffusion.data.EmnistDataset;
import emnist.diffusion.generation.DDPMPipeline;
import emnist.diffusion.model.UNet2DModel;
import emnist.diffusion.scheduler.DDPMScheduler;
import emnist.diffusion.scheduler.DDPMSchedulerConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Steps leave neither arrays nor memory behind; {@code -Dsteps=1000} for more of them. */
@EnabledOnOs(OS.LINUX)
class LongRunTest {

  private static final int STEPS = Integer.getInteger("steps", 60);
  private static final int PARTS = 10;

  private final NDManager manager = NDManager.newBaseManager();
  private final List<Long> megabytes = new ArrayList<>();
  private final List<Integer> arrays = new ArrayList<>();

  @TempDir Path folder;

  @AfterEach
  void freeArrays() {
    manager.close();
  }

  @Test
  void trainingDoesNotGrowTheProcess() throws Exception {
    // What one step records for its gradients takes about 4 MB: keeping that would show.
    EmnistDataset images = TinyDataset.create(folder, 16 * STEPS / PARTS, 16);
    TrainingConfig config =
        TrainingConfig.fromJson(
            """
            {"num_epochs": 10, "train_batch_size": 16, "checkpoints_total_limit": 1}
            """);
    UNet2DModel model = TinyModel.create(manager, 1);
    var scheduler = new DDPMScheduler(DDPMSchedulerConfig.defaults());
    try (Trainer trainer =
        new Trainer(model, scheduler, config, folder.resolve("emnist_diffusion_model"))) {
      trainer.train(images, epoch -> measure());
    }

    assertNoGrowth();
  }

  @Test
  void samplingDoesNotGrowTheProcess() throws Exception {
    UNet2DModel model = TinyModel.create(manager, 1);
    DDPMPipeline pipeline =
        new DDPMPipeline(model, new DDPMScheduler(DDPMSchedulerConfig.defaults()));
    for (int part = 0; part < PARTS; part++) {
      pipeline.generate(new int[64], part, STEPS / PARTS);
      measure();
    }

    assertNoGrowth();
  }

  private void measure() throws IOException {
    System.gc();
    String line =
        Files.readAllLines(Path.of("/proc/self/status")).stream()
            .filter(status -> status.startsWith("VmRSS:"))
            .findFirst()
            .orElseThrow();
    megabytes.add(Long.parseLong(line.replaceAll("\\D", "")) / 1024);
    arrays.add(manager.getManagedArrays().size());
  }

  private void assertNoGrowth() {
    System.out.printf("%s steps: MB %s, arrays %s%n", STEPS, megabytes, arrays);
    assertThat(arrays).containsOnly(arrays.get(0));
    assertThat(megabytes.get(PARTS - 1) - megabytes.get(2))
        .as("MB from the third tenth to the last: %s", megabytes)
        .isLessThan(100);
  }
}
