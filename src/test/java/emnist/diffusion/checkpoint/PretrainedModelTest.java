package emnist.diffusion.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowable;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import emnist.diffusion.Golden;
import emnist.diffusion.model.UNet2DModel;
import emnist.diffusion.model.UNet2DModelConfig;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PretrainedModelTest {

  private static final String CONFIG = "config.json";
  private static final String WEIGHTS = "diffusion_pytorch_model.safetensors";

  private final NDManager manager = NDManager.newBaseManager();

  @TempDir Path folder;

  @AfterEach
  void freeArrays() {
    manager.close();
  }

  @Test
  void aFolderWrittenByDiffusersGivesTheOutputOfDiffusers() throws Exception {
    Golden io = Golden.open("unet_i_2level.io");

    UNet2DModel model = PretrainedModel.load(manager, writtenByDiffusers());

    io.assertClose(
        "y", model.forward(io.array(manager, "x"), io.array(manager, "timesteps"), null), 2e-5);
  }

  @Test
  void theConfigurationWrittenIsThatOfDiffusers() throws Exception {
    String theirs = Files.readString(writtenByDiffusers().resolve(CONFIG));

    UNet2DModelConfig config = UNet2DModelConfig.fromJson(theirs);

    // Ours adds the options that are younger than the version that wrote theirs.
    assertThat(config.toJson().lines().map(line -> line.replaceAll(",$", "")))
        .containsAll(
            theirs
                .lines()
                .filter(line -> !line.contains("_diffusers_version"))
                // Python tells the integer 1 from 1.0.
                .map(line -> line.replaceAll(",$", "").replace("factor\": 1", "factor\": 1.0"))
                .map(line -> line.replace("1e-05", "1.0E-5"))
                .toList());
  }

  @Test
  void whatWasSavedIsLoaded() throws Exception {
    UNet2DModel saved = PretrainedModel.load(manager, writtenByDiffusers());
    PretrainedModel.save(folder.resolve("unet"), saved.config(), saved.parameters());

    UNet2DModel loaded = PretrainedModel.load(manager, folder.resolve("unet"));

    assertThat(loaded.config()).isEqualTo(saved.config());
    assertThat(loaded.parameters().keySet()).containsExactlyElementsOf(saved.parameters().keySet());
    saved
        .parameters()
        .forEach(
            (name, weight) ->
                assertThat(loaded.parameters().get(name).toFloatArray())
                    .as(name)
                    .isEqualTo(weight.toFloatArray()));
  }

  @Test
  void theSameNetworkGivesTheSameBytes() throws Exception {
    UNet2DModel model = PretrainedModel.load(manager, writtenByDiffusers());

    PretrainedModel.save(folder.resolve("a"), model.config(), model.parameters());
    PretrainedModel.save(folder.resolve("b"), model.config(), model.parameters());

    for (String file : new String[] {CONFIG, WEIGHTS}) {
      assertThat(folder.resolve("b").resolve(file))
          .hasSameBinaryContentAs(folder.resolve("a").resolve(file));
    }
  }

  @Test
  void refusesAFolderWithoutANetwork() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PretrainedModel.load(manager, folder))
        .withMessage(
            "Expected a network in %s, found no config.json there. Check the path.", folder);
  }

  @Test
  void refusesAConfigurationWithoutWeights() throws Exception {
    Files.copy(writtenByDiffusers().resolve(CONFIG), folder.resolve(CONFIG));

    assertThatIllegalArgumentException()
        .isThrownBy(() -> PretrainedModel.load(manager, folder))
        .withMessage(
            "Expected a safetensors file at %s, found none. Check the path.",
            folder.resolve(WEIGHTS));
  }

  @Test
  void refusesTheWeightsOfAnotherConfigurationAndNamesTheFolder() throws Exception {
    UNet2DModel model = PretrainedModel.load(manager, writtenByDiffusers());
    Map<String, NDArray> weights = Map.of("conv_in.weight", model.parameters().get("conv_in.bias"));
    PretrainedModel.save(folder, model.config(), weights);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> PretrainedModel.load(manager, folder))
        .withMessage(
            "%s: Expected a weight \"conv_in.weight\" of shape (8, 1, 3, 3), found (8)."
                + " Use the configuration the weights were saved with.",
            folder);
  }

  @Test
  void neverOverwritesANetwork() throws Exception {
    UNet2DModel model = PretrainedModel.load(manager, writtenByDiffusers());
    PretrainedModel.save(folder, model.config(), model.parameters());
    byte[] before = Files.readAllBytes(folder.resolve(WEIGHTS));

    assertThat(catchThrowable(() -> PretrainedModel.save(folder, model.config(), Map.of())))
        .isInstanceOf(IOException.class);
    assertThat(folder.resolve(WEIGHTS)).hasBinaryContent(before);
  }

  private static Path writtenByDiffusers() throws URISyntaxException {
    return Path.of(
        PretrainedModelTest.class.getResource("/golden/unet_i_2level_pretrained").toURI());
  }
}
