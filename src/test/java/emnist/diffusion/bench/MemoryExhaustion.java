package emnist.diffusion.bench;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.util.cuda.CudaUtils;
import emnist.diffusion.checkpoint.Checkpoint;
import emnist.diffusion.data.BuiltInLetters;
import emnist.diffusion.data.EmnistDataset;
import emnist.diffusion.model.UNet2DModel;
import emnist.diffusion.torch.Autograd;
import emnist.diffusion.torch.Gradients;
import emnist.diffusion.training.GoldenTraining;
import emnist.diffusion.training.Trainer;
import emnist.diffusion.training.TrainingConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What a user reads when memory runs out, and whether the device works afterwards. */
final class MemoryExhaustion implements Section {

  private static final long LEFT = 1L << 30;
  private static final Shape QUARTER_OF_A_GIB = new Shape(1 << 26);

  @Override
  public String title() {
    return "Memory that runs out";
  }

  @Override
  public void measure(Run run, Findings findings) throws IOException, InterruptedException {
    String message = run.settings().isGpu() ? onGpu(run.settings()) : unaddressable(run.settings());
    findings.verdict(
        message.startsWith("Expected memory for a training step of")
            && message.contains("Lower train_batch_size"),
        "what",
        "message",
        "found",
        message);
    try (NDManager manager = NDManager.newBaseManager(run.settings().device());
        UNet2DModel model = new UNet2DModel(manager, Bench.config(Preset.SMALL), 0);
        NDArray x = manager.zeros(new Shape(1, 1, Bench.SIZE, Bench.SIZE));
        NDArray labels = manager.zeros(new Shape(1), DataType.INT64)) {
      float y = model.forward(x, 0, labels).flatten().getFloat(0);
      findings.verdict(
          Float.isFinite(y), "what", "a prediction afterwards", "found", "the device works");
    }
  }

  /** Trains with a batch that cannot fit into the gibibyte that is left. */
  private static String onGpu(ReportSettings settings) throws IOException, InterruptedException {
    EmnistDataset data = BuiltInLetters.open(true);
    TrainingConfig config = TrainingConfig.fromJson("{}").withTrainBatchSize(data.size());
    Path folder = Files.createTempDirectory("exhaustion");
    try (NDManager manager = NDManager.newBaseManager(settings.device());
        UNet2DModel model = new UNet2DModel(manager, Bench.config(Preset.README), 0);
        Trainer trainer =
            new Trainer(model, Preset.README.schedulerConfig().createScheduler(), config, folder);
        NDManager hog = manager.newSubManager()) {
      // CUDA's libraries need memory of their own, which they take at their first call.
      model.forward(hog.zeros(new Shape(1, 1, Bench.SIZE, Bench.SIZE)), 0).close();
      while (free(settings) > LEFT) {
        hog.create(QUARTER_OF_A_GIB, DataType.FLOAT32);
      }
      trainer.train(data, result -> {});
      return "none: the step fitted";
    } catch (IllegalStateException e) {
      return e.getMessage();
    } finally {
      new Checkpoint(folder).delete();
    }
  }

  private static long free(ReportSettings settings) {
    var memory = CudaUtils.getGpuMemory(settings.device());
    return memory.getMax() - memory.getUsed();
  }

  /** A gradient of 4 EiB, which endangers no machine. */
  private static String unaddressable(ReportSettings settings) {
    try (NDManager manager = NDManager.newBaseManager(settings.device())) {
      NDArray x = manager.ones(new Shape(1));
      x.setRequiresGradient(true);
      NDArray loss = Autograd.enableGrad(() -> x.broadcast(new Shape(1L << 60)).get(0));
      Gradients.of(loss, List.of(x)).close();
      return "none: the gradient fitted";
    } catch (EngineException e) {
      return GoldenTraining.explained(e, TrainingConfig.fromJson("{}")).getMessage();
    }
  }
}
