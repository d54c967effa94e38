package emnist.diffusion.training;

import ai.djl.ndarray.NDManager;
import emnist.diffusion.TinyDataset;
import emnist.diffusion.TinyModel;
import emnist.diffusion.data.EmnistDataset;
import emnist.diffusion.evaluation.EvaluationConfig;
import emnist.diffusion.evaluation.EvaluationMetrics;
import emnist.diffusion.evaluation.MetricsCsv;
import emnist.diffusion.model.UNet2DModel;
import emnist.diffusion.scheduler.DDPMScheduler;
import emnist.diffusion.scheduler.DDPMSchedulerConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A run of seconds in a process of its own: goes on where the one before it ended. */
final class TinyTraining {

  static final String STARTED = "training";

  private final Path folder;
  private final TrainingConfig config;

  /** A run whose data, checkpoints and table are in a folder. */
  TinyTraining(Path folder, TrainingConfig config) {
    this.folder = folder;
    this.config = config;
  }

  /** Takes the folder, the training options and the epoch to end the process at, or 0. */
  public static void main(String[] arguments) throws Exception {
    int last = Integer.parseInt(arguments[2]);
    new TinyTraining(Path.of(arguments[0]), TrainingConfig.fromJson(arguments[1]))
        .train(
            () -> System.out.println(STARTED),
            epoch -> {
              if (epoch.epoch() == last) {
                Runtime.getRuntime().halt(0);
              }
            });
  }

  Path outputDir() {
    return folder.resolve("emnist_diffusion_model");
  }

  Path metrics() {
    return folder.resolve("evaluation_metrics.csv");
  }

  /** Trains the epochs that are left. */
  void train() throws IOException, InterruptedException {
    train(() -> {}, epoch -> {});
  }

  /** Trains the epochs that are left; a row of the table and {@code then} after each. */
  void train(Runnable started, Trainer.AfterEpoch then) throws IOException, InterruptedException {
    try (NDManager manager = NDManager.newBaseManager()) {
      UNet2DModel model = TinyModel.create(manager, 1, ", \"num_class_embeds\": 3");
      EmnistDataset data = TinyDataset.create(Files.createDirectories(folder), 20, 8);
      MetricsCsv table = MetricsCsv.ofEpochs(metrics());
      var scheduler = new DDPMScheduler(DDPMSchedulerConfig.defaults());
      try (Trainer trainer = new Trainer(model, scheduler, config, outputDir())) {
        trainer.resume(data);
        started.run();
        trainer.train(
            data,
            epoch -> {
              table.append(epoch.epoch(), row(epoch));
              then.accept(epoch);
            });
      }
    }
  }

  /** Some numbers that depend on every bit of the network. */
  private static EvaluationMetrics row(Trainer.EpochResult epoch) throws InterruptedException {
    float[] pixels = epoch.pipeline().generate(new int[] {0}, 0, 2).pixels();
    double mean = 0;
    for (float pixel : pixels) {
      mean += pixel / pixels.length;
    }
    return new EvaluationMetrics(
        new EvaluationMetrics.Scores(mean, epoch.loss(), 0, 0, 0),
        new EvaluationMetrics.Conditions(
            new EvaluationConfig(2, 1, 0, 2), "none", "DDPMScheduler", 1, "", ""));
  }
}
