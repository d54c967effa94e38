package emnist.diffusion.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.offset;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.BaseNDManager;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.JsonNode;
import emnist.diffusion.Golden;
import emnist.diffusion.TinyDataset;
import emnist.diffusion.TinyModel;
import emnist.diffusion.checkpoint.Checkpoint;
import emnist.diffusion.checkpoint.LossHistory;
import emnist.diffusion.checkpoint.PretrainedModel;
import emnist.diffusion.checkpoint.RunRecord;
import emnist.diffusion.checkpoint.Safetensors;
import emnist.diffusion.checkpoint.SavePrecision;
import emnist.diffusion.data.EmnistDataset;
import emnist.diffusion.image.ImageBatch;
import emnist.diffusion.model.UNet2DModel;
import emnist.diffusion.scheduler.DDPMScheduler;
import emnist.diffusion.scheduler.DDPMSchedulerConfig;
import emnist.diffusion.scheduler.PredictionType;
import emnist.diffusion.torch.Autograd;
import emnist.diffusion.torch.Functional;
import emnist.diffusion.torch.Gradients;
import emnist.diffusion.torch.TorchRandom;
import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class TrainerTest {

  private static final int IMAGES = 20;
  private static final TrainingConfig CONFIG =
      TrainingConfig.fromJson(
          """
          {"num_epochs": 2, "train_batch_size": 8, "learning_rate": 1e-3, "lr_warmup_steps": 1,
           "seed": 3}
          """);

  private final NDManager manager = NDManager.newBaseManager();

  @TempDir Path folder;
  private Path outputDir;
  private EmnistDataset data;

  @BeforeEach
  void writeData() throws IOException {
    outputDir = folder.resolve("emnist_diffusion_model");
    data = TinyDataset.create(folder, IMAGES, 8);
  }

  @AfterEach
  void freeArrays() {
    manager.close();
  }

  @Test
  void theSameSeedGivesTheSameWeightsToTheBit() throws Exception {
    UNet2DModel first = TinyModel.create(manager, 1);
    UNet2DModel second = TinyModel.create(manager, 1);

    train(first, CONFIG);
    train(second, CONFIG);

    assertSameWeights(second.parameters(), first.parameters());
  }

  @Test
  void aRunThatStartsWithATrainedNetworkSaysSo() throws Exception {
    UNet2DModel model = TinyModel.create(manager, 1);
    train(model, CONFIG);
    boolean first = Checkpoint.of(outputDir, 2).run().trainedBefore();
    train(model, CONFIG);

    assertThat(first).isFalse();
    assertThat(Checkpoint.of(outputDir, 2).run().trainedBefore()).isTrue();
    try (Trainer trainer = trainer(TinyModel.create(manager, 1), withEpochs(2, 1))) {
      trainer.resume(data, Checkpoint.of(outputDir, 1));
      trainer.train(data, epoch -> {});
    }
    assertThat(Checkpoint.of(outputDir, 2).run().trainedBefore()).isTrue();
  }

  @Test
  void aLoadedNetworkWasTrainedBeforeAndACopyOfANewOneWasNot() throws Exception {
    UNet2DModel model = TinyModel.create(manager, 1);
    PretrainedModel.save(
        folder.resolve("saved"), model.config(), model.parameters(), SavePrecision.FLOAT32);

    assertThat(PretrainedModel.load(manager, folder.resolve("saved")).isTrained()).isTrue();
    assertThat(model.copy(manager).isTrained()).isFalse();
  }

  @Test
  void refusesToReplaceAnEpochOfAnotherProgram() throws Exception {
    Path epoch = Files.createDirectories(outputDir.resolve("epoch_2"));
    Path precious = Files.writeString(epoch.resolve("model.safetensors"), "weights");

    assertThatIllegalArgumentException()
        .isThrownBy(() -> train(TinyModel.create(manager, 1), CONFIG))
        .withMessage(
            "Expected no other program's epochs where training writes, found %s. Choose another folder with OUTPUT_DIR, or move it away.",
            epoch);
    assertThat(precious).hasContent("weights");
  }

  @Test
  void anotherSeedGivesOtherWeights() throws Exception {
    UNet2DModel first = TinyModel.create(manager, 1);
    UNet2DModel second = TinyModel.create(manager, 1);

    train(first, CONFIG);
    train(second, withSeed(4));

    assertThat(weights(second)).usingRecursiveComparison().isNotEqualTo(weights(first));
  }

  @Test
  void learns() throws Exception {
    List<Double> losses = new ArrayList<>();
    try (Trainer trainer = trainer(TinyModel.create(manager, 1), withEpochs(15, 1))) {
      trainer.train(data, epoch -> losses.add(epoch.loss()));
    }

    assertThat(losses.get(14)).isLessThan(0.9 * losses.get(0));
  }

  @Test
  void learnsInMixedPrecisionAndKeepsTheWeightsInFloat32() throws Exception {
    List<Double> losses = new ArrayList<>();
    UNet2DModel model = TinyModel.create(manager, 1);
    TrainingConfig config = withEpochs(15, 1).with("{\"mixed_precision\": \"bf16\"}");
    try (Trainer trainer = trainer(model, config)) {
      trainer.train(data, epoch -> losses.add(epoch.loss()));
    }

    assertThat(losses.get(14)).isLessThan(0.9 * losses.get(0));
    assertThat(model.parameters().values())
        .allMatch(weight -> weight.getDataType() == DataType.FLOAT32);
  }

  @ParameterizedTest
  @EnumSource(PredictionType.class)
  void trainsForEveryPredictionType(PredictionType type) throws Exception {
    assertThat(firstLoss(type, CONFIG)).isPositive().isFinite();
  }

  @Test
  void handsOverEveryEpochWithItsCheckpoint() throws Exception {
    List<String> folders = new ArrayList<>();
    try (Trainer trainer = trainer(TinyModel.create(manager, 1), CONFIG)) {
      trainer.train(
          data,
          epoch -> {
            folders.add(epoch.epoch() + " " + epoch.checkpoint().folder().getFileName());
            assertThat(epoch.checkpoint().run().loss()).isEqualTo(epoch.loss());
          });
    }

    assertThat(folders).containsExactly("1 epoch_1", "2 epoch_2");
  }

  @Test
  void generatesBetweenEpochsWithTheAverageWithoutDisturbingTheRun() throws Exception {
    UNet2DModel undisturbed = TinyModel.create(manager, 1);
    UNet2DModel disturbed = TinyModel.create(manager, 1);

    train(undisturbed, CONFIG);
    try (Trainer trainer = trainer(disturbed, CONFIG)) {
      trainer.train(
          data,
          epoch -> {
            ImageBatch images = epoch.pipeline().generate(new int[2], 0, 2);
            assertThat(images.n()).isEqualTo(2);
          });
    }

    assertSameWeights(disturbed.parameters(), undisturbed.parameters());
  }

  @Test
  void savesTheTrainedWeightsAndTheirAverage() throws Exception {
    UNet2DModel model = TinyModel.create(manager, 1);

    Map<String, float[]> average = new LinkedHashMap<>();
    try (Trainer trainer = trainer(model, CONFIG)) {
      trainer.train(
          data,
          epoch ->
              epoch
                  .pipeline()
                  .unet()
                  .parameters()
                  .forEach((name, weight) -> average.put(name, weight.toFloatArray())));
    }

    Checkpoint checkpoint = Checkpoint.of(outputDir, 2);
    UNet2DModel trained = PretrainedModel.load(manager, checkpoint.folder().resolve("unet"));
    assertSameWeights(trained.parameters(), model.parameters());
    checkpoint
        .unet(manager)
        .parameters()
        .forEach((name, weight) -> assertThat(weight.toFloatArray()).isEqualTo(average.get(name)));
  }

  @Test
  void describesTheRunInItsCheckpoint() throws Exception {
    train(TinyModel.create(manager, 1), CONFIG);

    RunRecord run = Checkpoint.of(outputDir, 2).run();

    assertThat(run.position().epoch()).isEqualTo(2);
    JsonNode training = run.settings().training();
    assertThat(training.get("seed").longValue()).isEqualTo(3);
    assertThat(training.get("learning_rate").doubleValue()).isEqualTo(1e-3);
    assertThat(training.get("adamw").get("beta2").doubleValue()).isEqualTo(0.999);
    RunRecord.Dataset dataset = run.settings().dataset();
    assertThat(dataset.images()).isEqualTo(IMAGES);
    assertThat(dataset.sha256()).isEqualTo(data.sha256());
    assertThat(dataset.classNames()).hasSize(2);
    assertThat(run.versions()).hasNoNullFieldsOrProperties();
  }

  @Test
  void keepsTheOptimizerOfTheTwoNewestEpochsOnly() throws Exception {
    train(TinyModel.create(manager, 1), withEpochs(3, 1));

    assertThat(outputDir.resolve("epoch_1/optimizer.safetensors")).doesNotExist();
    assertThat(outputDir.resolve("epoch_2/optimizer.safetensors")).exists();
    assertThat(outputDir.resolve("epoch_3/optimizer.safetensors")).exists();
  }

  @Test
  void keepsEveryOptimizerIfAsked() throws Exception {
    train(TinyModel.create(manager, 1), withEpochs(3, 1).with("{\"keep_optimizer_states\": true}"));

    assertThat(outputDir.resolve("epoch_1/optimizer.safetensors")).exists();
  }

  @ParameterizedTest
  @CsvSource({"1, 3", "2, 2", "3, 1", "4, 1"})
  void updatesOnceForEveryFewBatchesAndAtTheEndOfAnEpoch(int accumulation, int updates)
      throws Exception {
    train(TinyModel.create(manager, 1), withEpochs(1, accumulation));

    Path optimizer = outputDir.resolve("epoch_1/optimizer.safetensors");
    assertThat(Safetensors.read(manager, optimizer).get("step").getFloat()).isEqualTo(updates);
  }

  @Test
  void accumulationDoesNotChangeTheLossThatIsReported() throws Exception {
    // One update at the end of the epoch: until then both runs have the initial weights.
    double threeTogether = firstLoss(withEpochs(1, 3));
    double twoAndOne = firstLoss(withEpochs(1, 4));

    assertThat(threeTogether).isCloseTo(twoAndOne, offset(1e-6));
    assertThat(threeTogether).isBetween(0.5, 3.0);
  }

  @Test
  void theGradientsOfTwoHalvesAddUpToThatOfTheWhole() {
    UNet2DModel model = TinyModel.create(manager, 1);
    TorchRandom.manualSeed(8);
    NDArray x = manager.randomNormal(new Shape(8, 1, 8, 8));
    NDArray noise = manager.randomNormal(new Shape(8, 1, 8, 8));

    Gradients together = gradients(model, x, noise, 1);
    Gradients sum = gradients(model, x.get("0:4"), noise.get("0:4"), 0.5);
    sum.add(gradients(model, x.get("4:8"), noise.get("4:8"), 0.5));

    List<NDArray> expected = together.toList(manager);
    List<NDArray> found = sum.toList(manager);
    for (int i = 0; i < expected.size(); i++) {
      Golden.assertClose(
          "weight " + i,
          Golden.widened(found.get(i).toFloatArray()),
          Golden.widened(expected.get(i).toFloatArray()),
          1e-6);
    }
  }

  @Test
  void anInterruptSavesTheNetworkOfThatMoment() {
    UNet2DModel model = TinyModel.create(manager, 1);
    try (Trainer trainer = trainer(model, CONFIG)) {
      assertThatThrownBy(() -> trainer.train(data, epoch -> Thread.currentThread().interrupt()))
          .isInstanceOf(InterruptedException.class)
          .hasMessage(
              "Training was interrupted; the network of that moment is in %s.",
              outputDir.resolve("interrupted"));
    }

    assertThat(Thread.currentThread().isInterrupted()).isFalse();
  }

  @Test
  void whatAnInterruptSavesCanBeLoaded() throws Exception {
    UNet2DModel model = TinyModel.create(manager, 1);
    try (Trainer trainer = trainer(model, CONFIG)) {
      assertThatThrownBy(() -> trainer.train(data, epoch -> Thread.currentThread().interrupt()))
          .isInstanceOf(InterruptedException.class);
    }

    Checkpoint interrupted = new Checkpoint(outputDir.resolve("interrupted"));
    assertThat(interrupted.unet(manager).config()).isEqualTo(model.config());
    assertThat(interrupted.run().interrupted()).isTrue();
    UNet2DModel trained = PretrainedModel.load(manager, interrupted.folder().resolve("unet"));
    assertSameWeights(trained.parameters(), model.parameters());
  }

  @Test
  void anInterruptWhileAFileIsWrittenStopsTheRunAsWell() {
    try (Trainer trainer = trainer(TinyModel.create(manager, 1), CONFIG)) {
      assertThatThrownBy(() -> trainer.train(data, epoch -> writeInterrupted()))
          .isInstanceOf(InterruptedException.class)
          .hasMessageStartingWith("Training was interrupted; ");
    }

    assertThat(outputDir.resolve("interrupted/unet")).isDirectory();
    assertThat(Thread.currentThread().isInterrupted()).isFalse();
  }

  @Test
  void whatTheCallerThrowsEndsTheRun() {
    try (Trainer trainer = trainer(TinyModel.create(manager, 1), CONFIG)) {
      assertThatThrownBy(
              () ->
                  trainer.train(
                      data,
                      epoch -> {
                        throw new IOException("disk full");
                      }))
          .isInstanceOf(IOException.class)
          .hasMessage("disk full");
    }
  }

  @Test
  void refusesMoreClassesThanTheNetworkHasBeforeAnyWork() {
    UNet2DModel model = TinyModel.create(manager, 1, ", \"num_class_embeds\": 1");
    Map<String, float[]> before = weights(model);
    try (Trainer trainer = trainer(model, CONFIG)) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> trainer.train(data, epoch -> {}))
          .withMessage(
              "Expected a network with at least 2 classes for this data, found num_class_embeds = 1. Raise it.");
    }

    assertThat(weights(model)).usingRecursiveComparison().isEqualTo(before);
    assertThat(outputDir).doesNotExist();
  }

  @Test
  void trainsTheClassesOfAConditionalNetwork() throws Exception {
    UNet2DModel model = TinyModel.create(manager, 1, ", \"num_class_embeds\": 3");
    float[] before = model.parameters().get("class_embedding.weight").toFloatArray();
    TrainingConfig withoutDecay = CONFIG.with("{\"adamw\": {\"weight_decay\": 0}}");

    train(model, withoutDecay);

    float[] after = model.parameters().get("class_embedding.weight").toFloatArray();
    int classLength = before.length / 3;
    assertThat(after[0]).isNotEqualTo(before[0]);
    assertThat(after[2 * classLength])
        .as("a class the data does not have")
        .isEqualTo(before[2 * classLength]);
  }

  @Test
  void labelDropoutTrainsTheLastClassAsNoClass() throws Exception {
    UNet2DModel model = TinyModel.create(manager, 1, ", \"num_class_embeds\": 3");
    float[] before = model.parameters().get("class_embedding.weight").toFloatArray();

    train(model, CONFIG.with("{\"label_dropout\": 0.5, \"adamw\": {\"weight_decay\": 0}}"));

    float[] after = model.parameters().get("class_embedding.weight").toFloatArray();
    int classLength = before.length / 3;
    assertThat(after[0]).isNotEqualTo(before[0]);
    assertThat(after[2 * classLength]).isNotEqualTo(before[2 * classLength]);
    assertThat(Checkpoint.of(outputDir, 2).nullClass()).isEqualTo(2);
  }

  @Test
  void handsOverAPipelineThatKnowsNoClassAfterLabelDropout() throws Exception {
    UNet2DModel model = TinyModel.create(manager, 1, ", \"num_class_embeds\": 3");
    List<Integer> nullClasses = new ArrayList<>();
    try (Trainer trainer = trainer(model, CONFIG.with("{\"label_dropout\": 0.5}"))) {
      trainer.train(data, epoch -> nullClasses.add(epoch.pipeline().nullClass()));
    }

    assertThat(nullClasses).containsExactly(2, 2);
  }

  @Test
  void withoutLabelDropoutNoClassStandsForNone() throws Exception {
    train(TinyModel.create(manager, 1, ", \"num_class_embeds\": 3"), CONFIG);

    assertThat(Checkpoint.of(outputDir, 2).nullClass()).isNull();
  }

  @Test
  void refusesLabelDropoutWithoutAClassToSpare() {
    UNet2DModel model = TinyModel.create(manager, 1, ", \"num_class_embeds\": 2");
    try (Trainer trainer = trainer(model, CONFIG.with("{\"label_dropout\": 0.1}"))) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> trainer.train(data, epoch -> {}))
          .withMessage(
              "Expected a network with at least 3 classes for this data and the null class, found num_class_embeds = 2. Raise it.");
    }
  }

  @Test
  void refusesLabelDropoutForANetworkWithoutClasses() {
    try (Trainer trainer =
        trainer(TinyModel.create(manager, 1), CONFIG.with("{\"label_dropout\": 0.1}"))) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> trainer.train(data, epoch -> {}))
          .withMessage(
              "Expected a network with classes for label_dropout 0.1, found none. Set num_class_embeds, or label_dropout to 0.");
    }
  }

  @ParameterizedTest
  @EnumSource(PredictionType.class)
  void minSnrWeighsTheLossOfEveryPredictionType(PredictionType type) throws Exception {
    double plain = firstLoss(type, CONFIG);
    double weighted = firstLoss(type, CONFIG.with("{\"snr_gamma\": 5}"));
    double heavier = firstLoss(type, CONFIG.with("{\"snr_gamma\": 50}"));

    assertThat(weighted).isPositive().isFinite().isNotEqualTo(plain);
    assertThat(heavier).isGreaterThan(weighted);
  }

  private double firstLoss(PredictionType type, TrainingConfig config) throws Exception {
    List<Double> losses = new ArrayList<>();
    UNet2DModel model = TinyModel.create(manager, 1);
    try (Trainer trainer = new Trainer(model, scheduler(type), config, outputDir)) {
      trainer.train(data, epoch -> losses.add(epoch.loss()));
    }
    return losses.get(0);
  }

  @ParameterizedTest
  @CsvSource({"constant, 1e-3", "constant_with_warmup, 1e-3", "linear, 0", "cosine, 0"})
  void theLearningRateFollowsItsSchedule(String name, double last) throws Exception {
    TrainingConfig config =
        CONFIG.with("{\"num_epochs\": 10, \"lr_scheduler\": \"%s\"}".formatted(name));
    try (Trainer trainer = trainer(TinyModel.create(manager, 1), config)) {
      trainer.train(data, epoch -> {});

      List<LossHistory.Point> points = trainer.lossCurve().points();
      assertThat(points.get(points.size() - 1).learningRate()).isCloseTo(last, within(1e-4));
    }
  }

  @Test
  void theLossCurveHasAPointAtTheEndOfAnEpochHoweverShort() throws Exception {
    try (Trainer trainer = trainer(TinyModel.create(manager, 1), CONFIG)) {
      List<Double> losses = new ArrayList<>();
      trainer.train(data, epoch -> losses.add(epoch.loss()));

      assertThat(trainer.lossCurve().points())
          .extracting(LossHistory.Point::step)
          .containsExactly(3L, 6L);
      assertThat(trainer.lossCurve().points())
          .extracting(LossHistory.Point::loss)
          .isEqualTo(losses);
    }
  }

  @Test
  void theLossByQuarterOfTheTimestepsAveragesToTheLoss() throws Exception {
    TrainingConfig accumulating = CONFIG.with("{\"gradient_accumulation_steps\": 2}");
    try (Trainer trainer = trainer(TinyModel.create(manager, 1), accumulating)) {
      trainer.train(data, epoch -> {});

      LossHistory.Point point = trainer.lossCurve().points().get(0);
      List<Double> quarters = point.quarters();
      assertThat(quarters).hasSize(LossHistory.QUARTERS);
      double[] known = quarters.stream().filter(q -> q != null).mapToDouble(q -> q).toArray();
      assertThat(point.loss())
          .isBetween(
              Arrays.stream(known).min().orElseThrow(), Arrays.stream(known).max().orElseThrow());
      assertThat(trainer.lossCurve().smoothed()).hasSize(2).startsWith(point.loss());
    }
  }

  @Test
  void closingFreesAllButTheNetwork() throws Exception {
    UNet2DModel model = TinyModel.create(manager, 1);
    int before = model.manager().getManagedArrays().size();

    train(model, CONFIG);

    assertThat(model.manager().getManagedArrays()).hasSize(before);
  }

  @ParameterizedTest
  @ValueSource(strings = {"{}", "{\"snr_gamma\": 5}"})
  void stepsLeaveNoArraysBehind(String changes) throws Exception {
    List<Integer> open = new ArrayList<>();
    TrainingConfig config = withEpochs(3, 1).with(changes);
    try (Trainer trainer = trainer(TinyModel.create(manager, 1), config)) {
      trainer.train(data, epoch -> open.add(openResources(manager)));
    }

    assertThat(open).hasSize(3).containsOnly(open.get(0));
  }

  private static DDPMScheduler scheduler(PredictionType type) {
    return DDPMSchedulerConfig.fromJson(
            "{\"prediction_type\": \"%s\"}".formatted(type.name().toLowerCase(Locale.ROOT)))
        .createScheduler();
  }

  private double firstLoss(TrainingConfig config) throws Exception {
    List<Double> losses = new ArrayList<>();
    try (Trainer trainer = trainer(TinyModel.create(manager, 1), config)) {
      trainer.train(data, epoch -> losses.add(epoch.loss()));
    }
    return losses.get(0);
  }

  private void train(UNet2DModel model, TrainingConfig config) throws Exception {
    try (Trainer trainer = trainer(model, config)) {
      trainer.train(data, epoch -> {});
    }
  }

  private Trainer trainer(UNet2DModel model, TrainingConfig config) {
    var scheduler = new DDPMScheduler(DDPMSchedulerConfig.defaults());
    return new Trainer(model, scheduler, config, outputDir);
  }

  private static TrainingConfig withEpochs(int epochs, int accumulation) {
    return CONFIG.with(
        "{\"num_epochs\": %s, \"gradient_accumulation_steps\": %s}"
            .formatted(epochs, accumulation));
  }

  private static TrainingConfig withSeed(long seed) {
    return CONFIG.with("{\"seed\": %s}".formatted(seed));
  }

  private Gradients gradients(UNet2DModel model, NDArray x, NDArray noise, double scale) {
    NDArray timesteps = manager.full(new Shape(x.getShape().get(0)), 500);
    NDArray loss =
        Autograd.enableGrad(
            () -> Functional.mseLoss(model.forwardWithGrad(x, timesteps, null), noise, null));
    return Gradients.of(loss, List.copyOf(model.parameters().values()), scale);
  }

  private static Map<String, float[]> weights(UNet2DModel model) {
    Map<String, float[]> weights = new LinkedHashMap<>();
    model.parameters().forEach((name, weight) -> weights.put(name, weight.toFloatArray()));
    return weights;
  }

  private static void assertSameWeights(
      Map<String, NDArray> actual, Map<String, NDArray> expected) {
    expected.forEach(
        (name, weight) ->
            assertThat(actual.get(name).toFloatArray()).as(name).isEqualTo(weight.toFloatArray()));
  }

  private void writeInterrupted() throws IOException {
    Thread.currentThread().interrupt();
    try (FileChannel file =
        FileChannel.open(
            folder.resolve("picture"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      file.write(ByteBuffer.allocate(1));
    }
  }

  /** Arrays and managers under {@code manager} that are not closed. */
  private static int openResources(NDManager manager) {
    try {
      Field field = BaseNDManager.class.getDeclaredField("resources");
      field.setAccessible(true);
      int open = 0;
      for (Object resource : ((Map<?, ?>) field.get(manager)).values()) {
        open += 1 + (resource instanceof NDManager child ? openResources(child) : 0);
      }
      return open;
    } catch (ReflectiveOperationException e) {
      throw new AssertionError(e);
    }
  }
}
