package emnist.diffusion.training;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.BaseNDManager;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import emnist.diffusion.TinyDataset;
import emnist.diffusion.TinyModel;
import emnist.diffusion.checkpoint.Safetensors;
import emnist.diffusion.data.EmnistDataset;
import emnist.diffusion.generation.DDPMPipeline;
import emnist.diffusion.model.UNet2DModel;
import emnist.diffusion.random.CounterRandom;
import emnist.diffusion.scheduler.DDPMScheduler;
import emnist.diffusion.scheduler.DDPMSchedulerConfig;
import emnist.diffusion.scheduler.PredictionType;
import emnist.diffusion.torch.AdamW;
import emnist.diffusion.torch.Functional;
import emnist.diffusion.torch.Gradients;
import emnist.diffusion.torch.TorchRandom;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The loop that the training notebook writes by hand. */
class HandLoopTest {

  private static final TrainingConfig CONFIG =
      TrainingConfig.fromJson(
          """
          {"num_epochs": 1, "train_batch_size": 8, "learning_rate": 1e-3, "lr_warmup_steps": 1,
           "label_dropout": 0.25, "seed": 3}
          """);
  private static final int NULL_CLASS = 3;

  private final NDManager manager = NDManager.newBaseManager();

  @TempDir private Path folder;

  @AfterEach
  void freeArrays() {
    manager.close();
  }

  @ParameterizedTest
  @EnumSource(PredictionType.class)
  void endsAnEpochWithTheBitsOfTheTrainer(PredictionType predictionType) throws Exception {
    EmnistDataset data = TinyDataset.create(folder, 20, 8);
    DDPMScheduler scheduler = scheduler(predictionType);
    UNet2DModel byTrainer = model();
    try (Trainer trainer = new Trainer(byTrainer, scheduler, CONFIG, folder.resolve("model"))) {
      trainer.train(
          data,
          epoch -> {
            UNet2DModel byHand = model();
            UNet2DModel averaged = train(byHand, scheduler, data);

            assertThat(sha256(byHand)).isEqualTo(sha256(byTrainer));
            assertThat(sha256(averaged)).isEqualTo(sha256(epoch.pipeline().unet()));
          });
    }
  }

  @Test
  void leavesNoArraysBehind() throws IOException {
    EmnistDataset data = TinyDataset.create(folder, 20, 8);
    UNet2DModel model = model();
    train(model, scheduler(PredictionType.EPSILON), data);
    int once = arrays();
    train(model, scheduler(PredictionType.EPSILON), data);

    assertThat(arrays() - once)
        .isLessThan(once); // an average, an optimizer, data: no step's arrays
  }

  private int arrays() {
    return ((BaseNDManager) manager).getManagedArrays().size();
  }

  @Test
  void whatItTrainedCanBeSavedAgainAndAgain() throws IOException {
    EmnistDataset data = TinyDataset.create(folder, 20, 8);
    DDPMScheduler scheduler = scheduler(PredictionType.EPSILON);
    UNet2DModel averaged = train(model(), scheduler, data);
    Path saved = folder.resolve("hand_loop");
    for (int i = 0; i < 2; i++) {
      new DDPMPipeline(averaged, scheduler, NULL_CLASS).savePretrained(saved);

      DDPMPipeline opened = DDPMPipeline.fromPretrained(manager, saved);
      assertThat(sha256(opened.unet())).isEqualTo(sha256(averaged));
    }
  }

  /** Trains one epoch with the calls of the notebook, and returns the average. */
  private UNet2DModel train(UNet2DModel model, DDPMScheduler scheduler, EmnistDataset data) {
    UNet2DModel averaged = model.copy(manager);
    EMAModel ema = new EMAModel(averaged.parameters(), CONFIG.ema());
    AdamW optimizer = new AdamW(manager, model.parameters(), CONFIG.adamw());
    DeviceDataset images = new DeviceDataset(manager, data, CONFIG.trainBatchSize());
    DeviceDataset.Epoch epoch = images.epoch(CONFIG.seed(), 1, CONFIG.labelDropout(), NULL_CLASS);
    int count = scheduler.config().numTrainTimesteps();
    for (int step = 0; step < epoch.batches(); step++) {
      try (DeviceDataset.DeviceBatch x0 = epoch.batch(step)) {
        TorchRandom.manualSeed(CounterRandom.seed(CONFIG.seed(), 1, step));
        NDArray noise = x0.manager().randomNormal(x0.images().getShape());
        NDArray t = x0.manager().randomInteger(0, count, new Shape(x0.size()), DataType.INT64);
        NDArray noisy = scheduler.addNoise(x0.images(), noise, t);
        NDArray prediction = model.forwardWithGrad(noisy, t, x0.labels());
        NDArray target =
            switch (scheduler.config().predictionType()) {
              case EPSILON -> noise;
              case SAMPLE -> x0.images();
              case V_PREDICTION -> scheduler.getVelocity(x0.images(), noise, t);
            };
        NDArray loss = Functional.mseLoss(prediction, target);
        double lr = CONFIG.learningRate() * LrScheduler.COSINE.factor(step, 1, epoch.batches());
        Gradients gradients = Gradients.of(loss, optimizer.parameters());
        optimizer.step(x0.manager(), gradients, lr, CONFIG.maxGradNorm());
        ema.step(model.parameters());
      }
    }
    return averaged;
  }

  private UNet2DModel model() {
    return TinyModel.create(manager, 1, ", \"num_class_embeds\": 4");
  }

  private static DDPMScheduler scheduler(PredictionType predictionType) {
    String name = predictionType.name().toLowerCase(Locale.ROOT);
    return new DDPMScheduler(
        DDPMSchedulerConfig.fromJson("{\"prediction_type\": \"" + name + "\"}"));
  }

  private static String sha256(UNet2DModel model) {
    return Safetensors.sha256(model.parameters());
  }
}
