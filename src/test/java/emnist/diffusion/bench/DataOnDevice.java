package emnist.diffusion.bench;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import emnist.diffusion.data.BuiltInLetters;
import emnist.diffusion.data.EmnistDataset;
import emnist.diffusion.model.UNet2DModel;
import emnist.diffusion.training.DeviceDataset;
import emnist.diffusion.training.DeviceDataset.DeviceBatch;
import emnist.diffusion.training.TrainingConfig;
import emnist.diffusion.training.TrainingLoop;
import emnist.diffusion.training.TrainingStep;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/** Whether batches and noise are made on the device, and how long a batch takes. */
final class DataOnDevice implements Section {

  @Override
  public String title() {
    return "Data and noise on the device";
  }

  @Override
  public void measure(Run run, Findings findings) throws IOException {
    Device device = run.settings().device();
    EmnistDataset data = BuiltInLetters.open(true);
    int batchSize = Math.min(run.settings().largestBatch(), data.size());
    try (NDManager manager = NDManager.newBaseManager(device);
        UNet2DModel model = new UNet2DModel(manager, Bench.config(Preset.SMALL), 0);
        TrainingLoop loop =
            new TrainingLoop(
                model,
                Preset.SMALL.schedulerConfig().createScheduler(),
                TrainingConfig.fromJson("{}"));
        DeviceDataset onDevice = new DeviceDataset(manager, data, batchSize);
        DeviceDataset.Epoch epoch = onDevice.epoch(0, 1, 0, null)) {
      try (TrainingStep step = loop.step(epoch.batch(0), 1)) {
        Map<String, NDArray> arrays = new LinkedHashMap<>();
        arrays.put("images", step.batch().images());
        arrays.put("labels", step.batch().labels());
        arrays.put("noise", step.noise());
        arrays.put("timesteps", step.timesteps());
        arrays.put("noisy images", step.noisyImages());
        arrays.put("prediction", step.prediction());
        arrays.put("loss", step.loss());
        arrays.forEach(
            (name, array) ->
                findings.verdict(
                    array.getDevice().equals(device),
                    "what",
                    name,
                    "device",
                    array.getDevice(),
                    "wanted",
                    device));
      }
      double ms =
          Timing.brief(
              Timing.timed(
                  () -> {
                    try (DeviceBatch batch = epoch.batch(0)) {
                      batch.images().flatten().getFloat(0);
                    }
                  }));
      findings.row("images_of_a_batch", batchSize, "ms_to_make_it", ms);
    }
  }
}
