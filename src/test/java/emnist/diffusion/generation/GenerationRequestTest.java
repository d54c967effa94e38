package emnist.diffusion.generation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ai.djl.ndarray.NDManager;
import emnist.diffusion.TinyModel;
import emnist.diffusion.checkpoint.Safetensors;
import emnist.diffusion.evaluation.PngWriter;
import emnist.diffusion.image.ImageBatch;
import emnist.diffusion.image.ImageGrid;
import emnist.diffusion.scheduler.DDIMScheduler;
import emnist.diffusion.scheduler.DDIMSchedulerConfig;
import emnist.diffusion.scheduler.DDPMSchedulerConfig;
import emnist.diffusion.scheduler.DPMSolverMultistepSchedulerConfig;
import emnist.diffusion.scheduler.Scheduler;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class GenerationRequestTest {

  private static final int[] LABELS = {2, 0};
  private static final long[] SEEDS = {12345678901L, -7};
  private static final int STEPS = 4;
  private static final double GUIDANCE = 2.5;

  @TempDir Path folder;
  private final NDManager manager = NDManager.newBaseManager();

  @AfterEach
  void freeArrays() {
    manager.close();
  }

  static Stream<Scheduler> schedulers() {
    return Stream.of(
        DDPMSchedulerConfig.fromJson("{\"prediction_type\": \"v_prediction\"}").createScheduler(),
        DDIMSchedulerConfig.fromJson("{\"timestep_spacing\": \"trailing\"}")
            .createScheduler()
            .withEta(0.3)
            .withUseClippedModelOutput(true),
        DPMSolverMultistepSchedulerConfig.fromJson(
                "{\"algorithm_type\": \"sde-dpmsolver++\", \"use_karras_sigmas\": true}")
            .createScheduler());
  }

  @ParameterizedTest
  @MethodSource("schedulers")
  void aPictureCanBeGeneratedAgainFromItsFile(Scheduler scheduler) throws Exception {
    DDPMPipeline pipeline = pipeline(1, scheduler);
    ImageBatch images = pipeline.generate(LABELS, SEEDS, STEPS, GUIDANCE);
    Path png = write(GenerationRequest.of(pipeline, LABELS, SEEDS, STEPS, GUIDANCE).text(), images);

    DDPMPipeline another =
        new DDPMPipeline(
            pipeline.unet(), DDPMSchedulerConfig.defaults().createScheduler()); // of no null class
    ImageBatch again = another.generate(GenerationRequest.fromPng(png));

    assertThat(again.pixels()).isEqualTo(images.pixels());
  }

  @Test
  void theFileSaysWhatTheImagesWereGeneratedFrom() throws Exception {
    DDPMPipeline pipeline = pipeline(1, DDIMSchedulerConfig.fromJson("{}").createScheduler());

    Map<String, String> text =
        GenerationRequest.of(pipeline, LABELS, SEEDS, STEPS, GUIDANCE).text();

    assertThat(text)
        .containsEntry("checkpoint", Safetensors.sha256(pipeline.unet().parameters()))
        .containsEntry("num_inference_steps", "4")
        .containsEntry("seeds", "[12345678901,-7]")
        .containsEntry("guidance_scale", "2.5")
        .containsEntry("null_class", "3")
        .containsEntry("class_labels", "[2,0]")
        .containsEntry("eta", "0.0")
        .containsEntry("use_clipped_model_output", "false");
    assertThat(text.get("scheduler"))
        .startsWith("{\"_class_name\":\"DDIMScheduler\",\"_diffusers_version\":\"0.40.0\",");
  }

  @Test
  void keepsWhatDdimAddsToItsConfiguration() throws Exception {
    DDIMScheduler scheduler =
        DDIMSchedulerConfig.fromJson("{}")
            .createScheduler()
            .withEta(0.1)
            .withUseClippedModelOutput(true);
    DDPMPipeline pipeline = pipeline(1, scheduler);
    ImageBatch images = pipeline.generate(LABELS, 1, STEPS);
    Path png = write(GenerationRequest.of(pipeline, LABELS, SEEDS, STEPS, 1).text(), images);

    DDIMScheduler read = (DDIMScheduler) GenerationRequest.fromPng(png).scheduler();

    assertThat(read.eta()).isEqualTo(0.1);
    assertThat(read.useClippedModelOutput()).isTrue();
  }

  @Test
  void refusesAnotherNetwork() {
    Scheduler scheduler = DDPMSchedulerConfig.defaults().createScheduler();
    GenerationRequest generation =
        GenerationRequest.of(pipeline(1, scheduler), LABELS, SEEDS, STEPS, 1);
    DDPMPipeline other = pipeline(2, scheduler);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> other.generate(generation))
        .withMessage(
            "Expected the network with SHA-256 %s, found %s. Load the checkpoint that the picture was made with.",
            generation.checkpoint(), Safetensors.sha256(other.unet().parameters()));
  }

  @Test
  void refusesAPictureThatDoesNotSay() throws Exception {
    Path png = write(Map.of("parameters", "by hand"), new ImageBatch(new float[16], 1, 1, 4, 4));

    assertThatIllegalArgumentException()
        .isThrownBy(() -> GenerationRequest.fromPng(png))
        .withMessage(
            "Expected a picture of generated images in %s, found no text chunk \"scheduler\". Use one that was written with its generation.",
            png);
  }

  @Test
  void refusesATextThatSaysNonsense() throws Exception {
    DDPMPipeline pipeline = pipeline(1, DDPMSchedulerConfig.defaults().createScheduler());
    Map<String, String> text = GenerationRequest.of(pipeline, LABELS, SEEDS, STEPS, 1).text();
    text.put("num_inference_steps", "many");
    Path png = write(text, new ImageBatch(new float[16], 1, 1, 4, 4));

    assertThatIllegalArgumentException()
        .isThrownBy(() -> GenerationRequest.fromPng(png))
        .withMessage(
            "Expected a picture of generated images in %s, found For input string: \"many\". Use one that was written with its generation.",
            png);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          seeds        | null          | null instead of an array
          seeds        | [1, null]     | null instead of an integer
          seeds        | [1, 2.5]      | 2.5 instead of an integer
          seeds        | [1, 2         | an early end
          class_labels | {}            | an object instead of an array
          class_labels | [1, "2"]      | "2" instead of an integer
          class_labels | [2147483648]  | integer overflow
          """)
  void refusesAListThatSaysNonsense(String keyword, String list, String found) throws Exception {
    DDPMPipeline pipeline = pipeline(1, DDPMSchedulerConfig.defaults().createScheduler());
    Map<String, String> text = GenerationRequest.of(pipeline, LABELS, SEEDS, STEPS, 1).text();
    text.put(keyword, list);
    Path png = write(text, new ImageBatch(new float[16], 1, 1, 4, 4));

    assertThatIllegalArgumentException()
        .isThrownBy(() -> GenerationRequest.fromPng(png))
        .withMessage(
            "Expected a picture of generated images in %s, found %s. Use one that was written with its generation.",
            png, found);
  }

  private Path write(Map<String, String> text, ImageBatch images) throws Exception {
    Path png = folder.resolve("picture.png");
    PngWriter.write(png, ImageGrid.ofColumns(2).draw(images), text);
    return png;
  }

  private DDPMPipeline pipeline(long seed, Scheduler scheduler) {
    return new DDPMPipeline(
        TinyModel.create(manager, seed, ", \"num_class_embeds\": 4"), scheduler, 3);
  }
}
