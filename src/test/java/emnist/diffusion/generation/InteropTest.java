package emnist.diffusion.generation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import emnist.diffusion.Golden;
import emnist.diffusion.TinyModel;
import emnist.diffusion.checkpoint.Checkpoint;
import emnist.diffusion.checkpoint.PretrainedModel;
import emnist.diffusion.checkpoint.Safetensors;
import emnist.diffusion.checkpoint.SavePrecision;
import emnist.diffusion.model.UNet2DModel;
import emnist.diffusion.model.UNet2DModelConfig;
import emnist.diffusion.scheduler.DDPMScheduler;
import emnist.diffusion.scheduler.DDPMSchedulerConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Folders that Python has written: by accelerate's {@code save_state}, of plain, parallel and
 * compiled models, and by diffusers' {@code save_pretrained}.
 */
class InteropTest {

  private static final Path FIXTURES = Path.of("src/test/resources/interop");
  private static final String CONFIG =
      "There is no config.json: the options of the network are those given.";
  private static final String SCHEDULER =
      "There is no scheduler_config.json: the scheduler is the one given.";
  private static final String RUN =
      "There is no run.json: its data and its null class are unknown.";
  private static final String EMA = "There is no unet_ema: the only weights are used.";

  private final NDManager manager = NDManager.newBaseManager();

  @TempDir private Path outputDir;

  @AfterEach
  void freeArrays() {
    manager.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "module.", "_orig_mod.", "module._orig_mod.", "_orig_mod.module."})
  void opensTheStateThatAccelerateSaves(String prefix) throws IOException {
    Path epoch = saveState(prefix);

    DDPMPipeline pipeline = open(Checkpoint.of(outputDir, 50));

    assertExpected(pipeline.unet());
    assertThat(pipeline.scheduler().timesteps()).hasSize(1000);
    assertThat(pipeline.nullClass()).isNull();
    assertThat(new Checkpoint(epoch).whatIsAbsent())
        .isEqualTo(String.join(" ", CONFIG, SCHEDULER, RUN, EMA));
  }

  @Test
  void opensAPipelineThatDiffusersSaves() throws IOException {
    Path epoch = savePretrained();

    DDPMPipeline pipeline = open(Checkpoint.of(outputDir, 50));

    assertExpected(pipeline.unet());
    assertThat(new Checkpoint(epoch).whatIsAbsent()).isEqualTo(RUN + " " + EMA);
    assertExpected(DDPMPipeline.fromPretrained(manager, epoch).unet());
  }

  @Test
  void opensTheFolderOfANetworkItself() throws IOException {
    Path epoch = savePretrained();

    assertExpected(open(Checkpoint.of(epoch, 7)).unet());
    assertExpected(open(Checkpoint.of(epoch.resolve("unet"), 7)).unet());
    Checkpoint network = Checkpoint.of(epoch.resolve("unet"), 7);
    UNet2DModelConfig other = TinyModel.create(manager, 1).config();
    assertThat(network.whatIsAbsent()).isEqualTo(String.join(" ", SCHEDULER, RUN, EMA));
    assertExpected(DDPMPipeline.fromPretrained(manager, network, other, scheduler()).unet());
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Checkpoint.of(outputDir, 7))
        .withMessage(
            "Expected epoch 7 in %s, found epochs [50]. Choose one of these, or train longer.",
            outputDir);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void generatesWithTheAverageIfThereIsOne(boolean diffusers) throws IOException {
    Path epoch = diffusers ? savePretrained() : saveState("");
    UNet2DModel other = new UNet2DModel(manager, config(), 5);
    PretrainedModel.save(
        epoch.resolve("unet_ema"), other.config(), other.parameters(), SavePrecision.FLOAT32);

    UNet2DModel opened = open(new Checkpoint(epoch)).unet();

    assertThat(Safetensors.sha256(opened.parameters()))
        .isEqualTo(Safetensors.sha256(other.parameters()));
    assertThat(new Checkpoint(epoch).whatIsAbsent()).doesNotContain(EMA);
  }

  @Test
  void opensANetworkWithClasses() throws IOException {
    UNet2DModel model = TinyModel.create(manager, 1, ", \"num_class_embeds\": 3");
    Path epoch = Files.createDirectories(outputDir.resolve("epoch_50"));
    write(epoch.resolve("model.safetensors"), model.parameters(), "module.");

    DDPMPipeline pipeline =
        DDPMPipeline.fromPretrained(manager, new Checkpoint(epoch), model.config(), scheduler());

    assertThat(pipeline.conditioning()).isEqualTo(new ClassConditioning(3, null));
    assertThat(Safetensors.sha256(pipeline.unet().parameters()))
        .isEqualTo(Safetensors.sha256(model.parameters()));
  }

  @Test
  void optionsOfAnotherNetworkAreRefused() throws IOException {
    Path epoch = saveState("");
    UNet2DModelConfig other = TinyModel.create(manager, 1).config();

    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> DDPMPipeline.fromPretrained(manager, new Checkpoint(epoch), other, scheduler()))
        .withMessageContaining("Expected");
  }

  private DDPMPipeline open(Checkpoint checkpoint) throws IOException {
    return DDPMPipeline.fromPretrained(manager, checkpoint, config(), scheduler());
  }

  private static UNet2DModelConfig config() throws IOException {
    return UNet2DModelConfig.fromJson(Files.readString(FIXTURES.resolve("constructor.json")));
  }

  private static DDPMScheduler scheduler() {
    return new DDPMScheduler(DDPMSchedulerConfig.fromJson("{\"num_train_timesteps\": 1000}"));
  }

  private Path saveState(String prefix) throws IOException {
    Path epoch = Files.createDirectories(outputDir.resolve("epoch_50"));
    Map<String, NDArray> weights = Safetensors.read(manager, FIXTURES.resolve("model.safetensors"));
    write(epoch.resolve("model.safetensors"), weights, prefix);
    Files.writeString(epoch.resolve("optimizer.bin"), "a pickle");
    return epoch;
  }

  private static void write(Path file, Map<String, NDArray> weights, String prefix)
      throws IOException {
    Map<String, NDArray> named = new LinkedHashMap<>();
    weights.forEach((name, array) -> named.put(prefix + name, array));
    Safetensors.write(file, named);
  }

  private Path savePretrained() throws IOException {
    Path epoch = outputDir.resolve("epoch_50");
    Map<String, String> files =
        Map.of(
            "model_index.json", "model_index.json",
            "scheduler_config.json", "scheduler/scheduler_config.json",
            "unet_config.json", "unet/config.json",
            "model.safetensors", "unet/diffusion_pytorch_model.safetensors");
    for (Map.Entry<String, String> file : files.entrySet()) {
      Path target = epoch.resolve(file.getValue());
      Files.createDirectories(target.getParent());
      Files.copy(FIXTURES.resolve(file.getKey()), target);
    }
    return epoch;
  }

  private void assertExpected(UNet2DModel unet) throws IOException {
    Map<String, NDArray> expected =
        Safetensors.read(manager, FIXTURES.resolve("expected.safetensors"));
    NDArray y = unet.forward(expected.get("x"), expected.get("timesteps"), null);
    Golden.assertClose(
        "output",
        Golden.widened(y.toFloatArray()),
        Golden.widened(expected.get("y").toFloatArray()),
        1e-5);
  }
}
