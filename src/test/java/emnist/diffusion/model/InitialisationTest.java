package emnist.diffusion.model;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import emnist.diffusion.Golden;
import emnist.diffusion.GoldenModel;
import emnist.diffusion.torch.TorchRandom;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Initial weights must equal those of Python for the same seed. */
class InitialisationTest {

  /**
   * The stored weights were made by {@code torch.manual_seed(seed); UNet2DModel(...)}. Then noise,
   * drawn with {@code seed + 1}, was added to every trained parameter in order.
   */
  @ParameterizedTest
  @CsvSource({
    "unet_i_2level, unet_i_2level, 100",
    "unet_ii_3level_class, unet_ii_3level_class, 200",
    "unet_iii_6level, unet_iii_6level_32, 300",
    "unet_iii_b_3level_28, unet_iii_b_3level_28, 350",
    "unet_iii_c_attnup_odd_28_patched, unet_iii_c_attnup_odd_28_patched, 370",
    "unet_iv_scale_shift_resnet, unet_iv_scale_shift_resnet, 400",
    "unet_v_fourier, unet_v_fourier, 500",
    "unet_vi_ddpm_style, unet_vi_ddpm_style, 600",
    "unet_vii_options, unet_vii_options, 700",
  })
  void aSeedGivesTheWeightsItGivesInPython(String stored, String io, long seed) {
    Golden weights = Golden.open(stored + ".weights");
    try (NDManager manager = NDManager.newBaseManager(Device.cpu())) {
      UNet2DModelConfig config = GoldenModel.config(Golden.open(io + ".io"));
      UNet2DModel model = new UNet2DModel(manager, config, seed);

      TorchRandom.manualSeed(seed + 1);
      model
          .parameters()
          .forEach(
              (name, initial) ->
                  weights.assertClose(
                      name, initial.hasGradient() ? disturbed(name, initial) : initial, 1e-6));
    }
  }

  private static NDArray disturbed(String name, NDArray initial) {
    float scale = name.contains("norm") || name.endsWith("bias") ? 0.2f : 0.02f;
    return initial.getManager().randomNormal(initial.getShape()).mul(scale).add(initial);
  }

  @Test
  void anotherSeedGivesOtherWeights() {
    try (NDManager manager = NDManager.newBaseManager()) {
      UNet2DModelConfig config = GoldenModel.config(Golden.open("unet_i_2level.io"));
      Map<String, NDArray> some = new UNet2DModel(manager, config, 1).parameters();
      Map<String, NDArray> others = new UNet2DModel(manager, config, 2).parameters();

      assertThat(some.get("conv_in.weight").toFloatArray())
          .isNotEqualTo(others.get("conv_in.weight").toFloatArray());
    }
  }
}
