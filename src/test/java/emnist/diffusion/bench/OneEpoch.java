package emnist.diffusion.bench;

import ai.djl.ndarray.NDManager;
import emnist.diffusion.data.EmnistDataset;
import emnist.diffusion.model.UNet2DModel;
import emnist.diffusion.model.UNet2DModelConfig;
import emnist.diffusion.training.DeviceDataset;
import emnist.diffusion.training.TrainingConfig;
import emnist.diffusion.training.TrainingLoop;
import emnist.diffusion.training.TrainingStep;
import emnist.diffusion.walkthrough.Settings;
import java.io.IOException;
import java.util.List;
import java.util.Locale;

/** Training over the data at hand, whose loss is read as often as the trainer reads it. */
final class OneEpoch implements Section {

  private static final int UPDATES_PER_READ = 10;

  /** Few data are repeated: their epoch alone would be too short to time. */
  private static final double SECONDS = 5;

  @Override
  public String title() {
    return "An epoch of training";
  }

  @Override
  public List<Run> runs(ReportSettings settings) {
    return List.of(new Run(Arithmetic.ofTraining(settings), settings));
  }

  @Override
  public void measure(Run run, Findings findings) throws IOException {
    EmnistDataset data = Settings.of(System.getenv()).trainSet();
    Preset preset = run.settings().preset();
    int batch = Math.min(Aims.BATCH, Math.min(run.settings().largestBatch(), data.size()));
    UNet2DModelConfig network = preset.unetConfig(data.classNames().size());
    TrainingConfig config =
        preset
            .trainingConfig()
            .with("{\"mixed_precision\": \"%s\"}".formatted(run.arithmetic().mixedPrecision()))
            .withTrainBatchSize(batch)
            .withLabelDropout(0);
    try (NDManager manager = NDManager.newBaseManager(run.settings().device());
        UNet2DModel model = new UNet2DModel(manager, network, 0);
        TrainingLoop loop =
            new TrainingLoop(model, preset.schedulerConfig().createScheduler(), config);
        DeviceDataset onDevice = new DeviceDataset(manager, data, batch)) {
      train(loop, onDevice, 0, UPDATES_PER_READ); // warms up
      int epochs = 0;
      long start = System.nanoTime();
      double seconds = 0;
      while (seconds < SECONDS) {
        epochs++;
        train(loop, onDevice, epochs, Integer.MAX_VALUE);
        seconds = (System.nanoTime() - start) / 1e9;
      }
      double perSecond = epochs * (double) data.size() / seconds;
      findings.row(
          "arithmetic", run.arithmetic(),
          "network", preset.name().toLowerCase(Locale.ROOT),
          "batch", batch,
          "data", data.source(),
          "images", data.size(),
          "seconds_an_epoch", seconds / epochs,
          "images_a_second", perSecond);
      findings.note(Aims.beside(perSecond));
    }
  }

  private static void train(TrainingLoop loop, DeviceDataset data, int number, int atMost) {
    try (DeviceDataset.Epoch epoch = data.epoch(loop.config().seed(), number, 0, null)) {
      int done = 0;
      for (TrainingStep step : loop.steps(epoch, number, 0)) {
        try (step) {
          step.update(loop.config().learningRate());
          done++;
          if (done % UPDATES_PER_READ == 0 || done == epoch.batches()) {
            step.loss().getFloat();
          }
        }
        if (done == atMost) {
          break;
        }
      }
    }
  }
}
