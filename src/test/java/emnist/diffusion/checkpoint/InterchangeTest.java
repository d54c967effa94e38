package emnist.diffusion.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDManager;
import emnist.diffusion.GoldenModel;
import emnist.diffusion.model.UNet2DModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Leaves folders in {@code target/interchange} for {@code environment/test_safetensors.py}. */
class InterchangeTest {

  @ParameterizedTest
  @EnumSource(SavePrecision.class)
  void writesAFolderThatPythonOpens(SavePrecision precision) throws IOException {
    Path folder = Path.of("target", "interchange", precision.name().toLowerCase(Locale.ROOT));
    Files.deleteIfExists(folder.resolve("diffusion_pytorch_model.safetensors"));
    try (NDManager manager = NDManager.newBaseManager()) {
      UNet2DModel model = GoldenModel.open(manager, "i_2level");

      PretrainedModel.save(folder, model.config(), model.parameters(), precision);

      assertThat(PretrainedModel.load(manager, folder).config()).isEqualTo(model.config());
    }
  }
}
