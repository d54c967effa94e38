package emnist.diffusion.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import emnist.diffusion.Golden;
import emnist.diffusion.GoldenModel;
import emnist.diffusion.model.UNet2DModel;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Folders as accelerate's {@code save_state} writes them: weights and pickles, no configuration.
 */
class AccelerateFolderTest {

  private static final String MODEL = "i_2level";
  private static final List<String> PICKLES =
      List.of("custom_checkpoint_0.pkl", "optimizer.bin", "random_states_0.pkl", "scheduler.bin");

  private final NDManager manager = NDManager.newBaseManager();
  private final Golden io = Golden.open("unet_" + MODEL + ".io");
  private final ByteArrayOutputStream log = new ByteArrayOutputStream();
  private final PrintStream stderr = System.err;
  private UNet2DModel original;

  @TempDir Path folder;

  @BeforeEach
  void writePickles() throws IOException {
    original = GoldenModel.open(manager, MODEL);
    for (String pickle : PICKLES) {
      Files.writeString(folder.resolve(pickle), "not opened");
    }
    System.setErr(new PrintStream(log, true, StandardCharsets.UTF_8));
  }

  @AfterEach
  void freeArrays() {
    System.setErr(stderr);
    manager.close();
  }

  @Test
  void givesTheNetworkOfTheConfigurationAndNamesWhatElseIsThere() throws IOException {
    Safetensors.write(folder.resolve("model.safetensors"), original.parameters());
    Files.writeString(folder.resolve("io.safetensors"), "not opened");

    UNet2DModel loaded = PretrainedModel.load(manager, folder, original.config());

    assertGivesTheStoredOutput(loaded);
    assertThat(log.toString(StandardCharsets.UTF_8))
        .contains("WARN")
        .endsWith(
            "Reading model.safetensors in %s. Left alone: custom_checkpoint_0.pkl (a pickle), io.safetensors, optimizer.bin (a pickle), random_states_0.pkl (a pickle), scheduler.bin (a pickle). A pickle is never opened, because it could run any program.%n"
                .formatted(folder));
  }

  @Test
  void saysNothingWhereThereIsNothingToLeaveAlone() throws IOException {
    for (String pickle : PICKLES) {
      Files.delete(folder.resolve(pickle));
    }
    Safetensors.write(folder.resolve("model.safetensors"), original.parameters());

    PretrainedModel.load(manager, folder, original.config());

    assertThat(log.toString(StandardCharsets.UTF_8)).isEmpty();
  }

  @Test
  void opensShards() throws IOException {
    ShardedFolder.write(folder, "model", original.parameters(), 3);

    assertGivesTheStoredOutput(PretrainedModel.load(manager, folder, original.config()));
  }

  @Test
  void opensTheWeightsOfAParallelModel() throws IOException {
    Map<String, NDArray> weights = new LinkedHashMap<>();
    original.parameters().forEach((name, weight) -> weights.put("module." + name, weight));
    Safetensors.write(folder.resolve("model.safetensors"), weights);

    assertGivesTheStoredOutput(PretrainedModel.load(manager, folder, original.config()));
  }

  @Test
  void opensTheSecondModelByItsFile() throws IOException {
    UNet2DModel other = new UNet2DModel(manager, original.config(), 1);
    Safetensors.write(folder.resolve("model.safetensors"), other.parameters());
    Path second = folder.resolve("model_1.safetensors");
    Safetensors.write(second, original.parameters());

    assertGivesTheStoredOutput(PretrainedModel.load(manager, second, original.config()));
  }

  @Test
  void aCheckpointOpensWithTheConfiguration() throws IOException {
    Safetensors.write(folder.resolve("model.safetensors"), original.parameters());

    assertGivesTheStoredOutput(new Checkpoint(folder).unet(manager, original.config()));
  }

  @Test
  void refusesToGuessTheConfiguration() throws IOException {
    Safetensors.write(folder.resolve("model.safetensors"), original.parameters());
    String message =
        "Expected a config.json beside the weights in %s, found none, as where accelerate has"
            + " saved its state. Pass the configuration, too.";

    assertThatIllegalArgumentException()
        .isThrownBy(() -> PretrainedModel.load(manager, folder))
        .withMessage(message, folder);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Checkpoint(folder).unet(manager))
        .withMessage(message, folder);
  }

  @Test
  void refusesAFolderOfPickles() throws IOException {
    Files.writeString(folder.resolve("pytorch_model.bin"), "not opened");
    String message =
        "Expected diffusion_pytorch_model.safetensors in %s, found custom_checkpoint_0.pkl,"
            + " optimizer.bin, pytorch_model.bin, random_states_0.pkl, scheduler.bin, pickles,"
            + " which could run any program. Save it again with safe_serialization=True.";

    assertThatIllegalArgumentException()
        .isThrownBy(() -> PretrainedModel.load(manager, folder))
        .withMessage(message, folder);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PretrainedModel.load(manager, folder, original.config()))
        .withMessage(message, folder);
  }

  private void assertGivesTheStoredOutput(UNet2DModel model) {
    io.assertClose(
        "y", model.forward(io.array(manager, "x"), io.array(manager, "timesteps"), null), 2e-5);
  }
}
