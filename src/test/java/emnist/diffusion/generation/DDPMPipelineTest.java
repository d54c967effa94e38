package emnist.diffusion.generation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import emnist.diffusion.Golden;
import emnist.diffusion.TinyModel;
import emnist.diffusion.TinyRun;
import emnist.diffusion.checkpoint.Checkpoint;
import emnist.diffusion.checkpoint.SavePrecision;
import emnist.diffusion.image.ImageBatch;
import emnist.diffusion.model.UNet2DModel;
import emnist.diffusion.scheduler.DDPMScheduler;
import emnist.diffusion.scheduler.DDPMSchedulerConfig;
import emnist.diffusion.scheduler.Scheduler;
import emnist.diffusion.torch.ImageArrays;
import emnist.diffusion.torch.TorchRandom;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DDPMPipelineTest {

  private static final int STEPS = 3;

  private final NDManager manager = NDManager.newBaseManager();

  @AfterEach
  void freeArrays() {
    manager.close();
  }

  @Test
  void generatesImagesOfTheNetworksSizeBetweenMinusOneAndOne() throws Exception {
    ImageBatch images = pipeline("").generate(new int[3], 1, STEPS);

    assertThat(images.n()).isEqualTo(3);
    assertThat(images.channels()).isEqualTo(1);
    assertThat(images.height()).isEqualTo(8);
    assertThat(images.width()).isEqualTo(8);
    assertThat(images.pixels()).hasSize(3 * 64);
    assertThat(DoubleStream.of(Golden.widened(images.pixels())))
        .allMatch(pixel -> -1 <= pixel && pixel <= 1);
  }

  @Test
  void theSameSeedGivesTheSameImagesToTheBit() throws Exception {
    DDPMPipeline pipeline = pipeline("");

    float[] first = pipeline.generate(new int[2], 1, STEPS).pixels();

    assertThat(pipeline.generate(new int[2], 1, STEPS).pixels()).isEqualTo(first);
  }

  @Test
  void everyImageIsAnotherOne() throws Exception {
    ImageBatch images = pipeline("").generate(new int[2], 1, STEPS);

    assertThat(images.slice(0, 1).pixels()).isNotEqualTo(images.slice(1, 2).pixels());
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 5, 63, 64, 65})
  void anImageIsTheSameAloneAndInAnyBatch(int index) throws Exception {
    DDPMPipeline pipeline = pipeline("");
    ImageBatch together = pipeline.generate(new int[66], 100, STEPS);

    ImageBatch alone = pipeline.generate(new int[1], 100 + index, STEPS);

    Golden.assertClose(
        "image " + index,
        Golden.widened(alone.pixels()),
        Golden.widened(together.slice(index, index + 1).pixels()),
        1e-5);
  }

  @Test
  void theCallbackSeesEachStep() throws Exception {
    List<Integer> timesteps = new ArrayList<>();
    List<ImageBatch> seen = new ArrayList<>();
    List<Shape> predicted = new ArrayList<>();
    DDPMPipeline pipeline =
        pipeline("")
            .withCallbackOnStepEnd(
                (t, output) -> {
                  timesteps.add(t);
                  seen.add(ImageArrays.toBatch(output.prevSample()));
                  predicted.add(output.predOriginalSample().getShape());
                });

    ImageBatch images = pipeline.generate(new int[2], 1, STEPS);

    assertThat(timesteps).containsExactly(666, 333, 0);
    assertThat(seen.get(STEPS - 1).pixels()).isEqualTo(images.pixels());
    assertThat(predicted).containsOnly(new Shape(2, 1, 8, 8));
  }

  @Test
  void aProgressBarCountsTheStepsOfAllBatchesIfAskedFor() throws Exception {
    PrintStream before = System.out;
    ByteArrayOutputStream shown = new ByteArrayOutputStream();
    System.setOut(new PrintStream(shown, true, StandardCharsets.UTF_8));
    try {
      pipeline("").generate(new int[1], 1, STEPS);
      assertThat(shown.size()).isZero();
      pipeline("").withProgressBar().generate(new int[65], 1, STEPS);
    } finally {
      System.setOut(before);
    }
    assertThat(shown.toString(StandardCharsets.UTF_8)).contains("DDPM 100%").contains("6/6");
  }

  @Test
  void theClassChangesTheImage() throws Exception {
    DDPMPipeline pipeline = pipeline(", \"num_class_embeds\": 3");

    float[] ofClass0 = pipeline.generate(new int[] {0}, 1, STEPS).pixels();

    assertThat(pipeline.generate(new int[] {2}, 1, STEPS).pixels()).isNotEqualTo(ofClass0);
  }

  @Test
  void withoutGuidanceTheImagesAreThoseOfTheClass() throws Exception {
    float[] plain = guided(1);

    assertThat(plain)
        .isEqualTo(
            pipeline(", \"num_class_embeds\": 3").generate(new int[] {0, 1}, 1, STEPS).pixels());
  }

  @Test
  void aGuidanceOfZeroForgetsTheClass() throws Exception {
    float[] ofNoClass =
        pipeline(", \"num_class_embeds\": 3").generate(new int[] {2, 2}, 1, STEPS).pixels();

    assertThat(guided(0)).isEqualTo(ofNoClass);
  }

  @Test
  void guidanceGoesFromNoClassThroughTheClassAndBeyond() throws Exception {
    UNet2DModel unet = TinyModel.create(manager, 1, ", \"num_class_embeds\": 3");
    NDArray sample = manager.randomNormal(new Shape(2, 1, 8, 8));
    NDArray cond = unet.forward(sample, 7, manager.create(new long[] {0, 1}));
    NDArray uncond = unet.forward(sample, 7, manager.create(new long[] {2, 2}));

    NDArray found = new Guidance(manager, unet, new int[] {0, 1}, 2, 3).predict(sample, 7);

    NDArray expected = uncond.add(cond.sub(uncond).mul(3));
    assertThat(found.sub(expected).abs().max().getFloat()).isLessThan(1e-5f);
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, 3})
  void refusesGuidanceForANetworkThatKnowsNoClassToLeaveOut(double scale) {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                pipeline(", \"num_class_embeds\": 3")
                    .generate(new int[1], new long[1], STEPS, scale))
        .withMessage(
            "Expected a network trained with label dropout for a guidance scale of %s, found one without a null class. Take 1, or train with label_dropout 0.1.",
            scale);
  }

  @Test
  void refusesGuidanceForANetworkWithoutClasses() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> pipeline("").generate(new int[1], new long[1], STEPS, 2))
        .withMessage(
            "Expected a network with classes for a guidance scale of 2.0, found one without. Take 1.");
  }

  @ParameterizedTest
  @ValueSource(doubles = {-1, Double.NaN, Double.POSITIVE_INFINITY})
  void refusesAGuidanceScaleThatIsNone(double scale) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> pipeline("").generate(new int[1], new long[1], STEPS, scale))
        .withMessage(
            "Expected a guidance scale of at least 0, found %s. Take 1 for none, 1.5 to 5 for clearer images.",
            scale);
  }

  @Test
  void refusesANullClassThatTheNetworkDoesNotHave() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> pipeline(", \"num_class_embeds\": 3").withNullClass(3))
        .withMessage(
            "Expected a class of the network as the null class, found 3 of 3. Pass the one that label dropout used, usually the last.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> pipeline("").withNullClass(0))
        .withMessage(
            "Expected a class of the network as the null class, found 0 of none. Pass the one that label dropout used, usually the last.");
  }

  @Test
  void refusesAnotherNumberOfSeedsThanOfLabels() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> pipeline("").generate(new int[2], new long[3], STEPS, 1))
        .withMessage(
            "Expected a class label and a seed for each image, found 2 and 3. Pass as many as images are wanted.");
  }

  @ParameterizedTest
  @ValueSource(strings = {"DDIMScheduler", "DPMSolverMultistepScheduler"})
  void anySchedulerGeneratesTheSameImageAloneAndInABatch(String className) throws Exception {
    DDPMPipeline pipeline =
        pipeline("")
            .withScheduler(
                Scheduler.fromJson(
                    "{\"_class_name\": \"%s\", \"timestep_spacing\": \"trailing\"}"
                        .formatted(className)));
    ImageBatch together = pipeline.generate(new int[66], 100, STEPS);

    ImageBatch alone = pipeline.generate(new int[1], 165, STEPS);

    Golden.assertClose(
        "image 65",
        Golden.widened(alone.pixels()),
        Golden.widened(together.slice(65, 66).pixels()),
        1e-5);
  }

  private float[] guided(double scale) throws Exception {
    return pipeline(", \"num_class_embeds\": 3")
        .withNullClass(2)
        .generate(new int[] {0, 1}, new long[] {1, 2}, STEPS, scale)
        .pixels();
  }

  @Test
  void refusesMorePixelsThanAnArrayHasPlacesFor() {
    DDPMPipeline large = pipeline(", \"sample_size\": 65536");

    assertThatIllegalArgumentException()
        .isThrownBy(() -> large.generate(new int[1], 1, STEPS))
        .withMessage(
            "Expected at most 2147483647 pixels in all, found 1 images of shape (1, 65536, 65536). Generate fewer at a time.");
  }

  @Test
  void takesTheLargestSeed() throws Exception {
    assertThat(pipeline("").generate(new int[2], Long.MAX_VALUE, STEPS).n()).isEqualTo(2);
  }

  @Test
  void refusesToGenerateWithAClosedNetwork() {
    DDPMPipeline pipeline = pipeline("");
    pipeline.unet().close();

    assertThatThrownBy(() -> pipeline.generate(new int[1], 1, STEPS))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("Expected an open network, found a closed one. Create or load it again.");
  }

  @Test
  void refusesToGenerateNoImages() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> pipeline("").generate(new int[0], 1, STEPS))
        .withMessage(
            "Expected a class label and a seed for each image, found 0 and 0. Pass as many as images are wanted.");
  }

  @Test
  void leavesNothingInMemory() throws Exception {
    DDPMPipeline pipeline = pipeline("");
    int before = pipeline.unet().manager().getManagedArrays().size();

    pipeline.generate(new int[2], 1, STEPS);

    assertThat(pipeline.unet().manager().getManagedArrays()).hasSize(before);
  }

  @Test
  void generatesWithTheAverageOfACheckpoint(@TempDir Path folder) throws Exception {
    UNet2DModel trained = TinyModel.create(manager, 1);
    UNet2DModel averaged = TinyModel.create(manager, 2);
    Checkpoint checkpoint = checkpoint(folder, trained, averaged, "{}");

    DDPMPipeline loaded = DDPMPipeline.fromPretrained(manager, checkpoint);

    DDPMPipeline expected = new DDPMPipeline(averaged, scheduler());
    assertThat(loaded.scheduler().config()).isEqualTo(scheduler().config());
    assertThat(loaded.generate(new int[1], 1, STEPS).pixels())
        .isEqualTo(expected.generate(new int[1], 1, STEPS).pixels());
  }

  @Test
  void theNullClassOfACheckpointIsTheLastWhereLabelsWereDropped(@TempDir Path folder)
      throws Exception {
    UNet2DModel unet = TinyModel.create(manager, 1, ", \"num_class_embeds\": 3");
    Checkpoint dropped = checkpoint(folder, unet, unet, "{\"label_dropout\": 0.1}");
    assertThat(DDPMPipeline.fromPretrained(manager, dropped).nullClass()).isEqualTo(2);

    Checkpoint kept = checkpoint(folder, unet, unet, "{\"label_dropout\": 0.0}");
    assertThat(DDPMPipeline.fromPretrained(manager, kept).nullClass()).isNull();
  }

  @Test
  void loadingLeavesTheProcessWideGeneratorAlone(@TempDir Path folder) throws Exception {
    UNet2DModel unet = TinyModel.create(manager, 1);
    Checkpoint checkpoint = checkpoint(folder, unet, unet, "{}");
    TorchRandom.manualSeed(7);
    NDArray undisturbed = manager.randomNormal(new Shape(5));

    TorchRandom.manualSeed(7);
    DDPMPipeline.fromPretrained(manager, checkpoint);

    assertThat(manager.randomNormal(new Shape(5))).isEqualTo(undisturbed);
  }

  @Test
  void whatIsSavedIsLoadedAgain(@TempDir Path folder) throws Exception {
    DDPMPipeline pipeline = pipeline(", \"num_class_embeds\": 3");
    Path saved = folder.resolve("new/pipeline");

    pipeline.savePretrained(saved);
    DDPMPipeline loaded = DDPMPipeline.fromPretrained(manager, saved);

    assertThat(saved.resolve("model_index.json")).exists();
    assertThat(saved.resolve("run.json")).doesNotExist();
    assertThat(loaded.nullClass()).isNull();
    pipeline.withNullClass(2).savePretrained(saved);
    assertThat(DDPMPipeline.fromPretrained(manager, saved).nullClass()).isEqualTo(2);
    assertThat(loaded.scheduler().config()).isEqualTo(scheduler().config());
    assertThat(loaded.generate(new int[] {1}, 1, STEPS).pixels())
        .isEqualTo(pipeline.generate(new int[] {1}, 1, STEPS).pixels());
  }

  @Test
  void float16HalvesTheFileOfTheWeights(@TempDir Path folder) throws Exception {
    DDPMPipeline pipeline = pipeline("");
    pipeline.savePretrained(folder.resolve("full"));
    pipeline.savePretrained(folder.resolve("half"), SavePrecision.FLOAT16);

    UNet2DModel half = DDPMPipeline.fromPretrained(manager, folder.resolve("half")).unet();
    String file = "unet/diffusion_pytorch_model.safetensors";
    assertThat((double) Files.size(folder.resolve("half").resolve(file)))
        .isLessThan(0.7 * Files.size(folder.resolve("full").resolve(file)));
    for (NDArray weight : half.parameters().values()) {
      NDArray rounded = weight.toType(DataType.FLOAT16, false).toType(DataType.FLOAT32, false);
      assertThat(weight.toFloatArray()).isEqualTo(rounded.toFloatArray());
    }
  }

  @Test
  void anEpochWithoutItsRunGeneratesWithoutANullClass(@TempDir Path folder) throws Exception {
    UNet2DModel unet = TinyModel.create(manager, 1, ", \"num_class_embeds\": 3");
    Checkpoint.State state =
        new Checkpoint.State(
            unet,
            unet,
            Map.of(),
            DDPMSchedulerConfig.defaults(),
            TinyRun.at(Instant.EPOCH, 1, 1, "{\"label_dropout\": 0.1}"));
    Checkpoint checkpoint = Checkpoint.write(folder, "epoch_1", state);
    Integer named = DDPMPipeline.fromPretrained(manager, checkpoint).nullClass();
    Files.delete(checkpoint.folder().resolve("run.json"));

    assertThat(named).isEqualTo(2);
    assertThat(DDPMPipeline.fromPretrained(manager, checkpoint).nullClass()).isNull();
    assertThat(checkpoint.whatIsAbsent())
        .isEqualTo("There is no run.json: its data and its null class are unknown.");
    assertThatThrownBy(checkpoint::verify).hasMessageContaining("run.json");
  }

  @Test
  void refusesToSaveAmongOtherFiles(@TempDir Path folder) throws Exception {
    Path precious = Files.writeString(folder.resolve("precious"), "letters");

    assertThatIllegalArgumentException()
        .isThrownBy(() -> pipeline("").savePretrained(folder))
        .withMessage(
            "Expected a new or an empty folder at %s, found other files. Name another folder.",
            folder);
    assertThat(precious).hasContent("letters");
  }

  @Test
  void stopsWhenInterrupted() {
    DDPMPipeline pipeline = pipeline("");
    Thread.currentThread().interrupt();

    assertThatThrownBy(() -> pipeline.generate(new int[1], 1, STEPS))
        .isInstanceOf(InterruptedException.class)
        .hasMessage("Generation was interrupted at timestep 666; no image is finished.");
    assertThat(Thread.currentThread().isInterrupted()).isFalse();
  }

  @Test
  void refusesANetworkWithoutASampleSize() {
    DDPMPipeline pipeline = pipeline(", \"sample_size\": null");

    assertThatIllegalArgumentException()
        .isThrownBy(() -> pipeline.generate(new int[1], 1, STEPS))
        .withMessage(
            "Expected a network with a sample_size, found none. Set it in its config.json.");
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 3})
  void refusesAClassTheNetworkDoesNotHave(int label) {
    DDPMPipeline pipeline = pipeline(", \"num_class_embeds\": 3");

    assertThatIllegalArgumentException()
        .isThrownBy(() -> pipeline.generate(new int[] {0, label}, 1, STEPS))
        .withMessage(
            "Expected class labels from 0 to 2, found %s. Choose classes the network was trained with.",
            label);
  }

  @Test
  void refusesMoreStepsThanTheNetworkWasTrainedWith() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> pipeline("").generate(new int[1], 1, 1001))
        .withMessageStartingWith("Expected 1 to 1000 inference steps, found 1001.");
  }

  private DDPMPipeline pipeline(String options) {
    return new DDPMPipeline(TinyModel.create(manager, 1, options), scheduler());
  }

  private static DDPMScheduler scheduler() {
    return new DDPMScheduler(DDPMSchedulerConfig.defaults());
  }

  private static Checkpoint checkpoint(
      Path folder, UNet2DModel trained, UNet2DModel averaged, String training) throws IOException {
    return Checkpoint.write(
        folder,
        "epoch_1",
        new Checkpoint.State(
            trained,
            averaged,
            Map.of(),
            scheduler().config(),
            TinyRun.at(Instant.EPOCH, 1, 0, training)));
  }
}
