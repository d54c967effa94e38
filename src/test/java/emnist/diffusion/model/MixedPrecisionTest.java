package emnist.diffusion.model;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import emnist.diffusion.Golden;
import emnist.diffusion.GoldenModel;
import emnist.diffusion.TinyModel;
import emnist.diffusion.torch.Autocast;
import emnist.diffusion.torch.Autograd;
import emnist.diffusion.torch.MixedPrecision;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Compares networks in bfloat16 on the CPU with diffusers' float32 numbers. */
class MixedPrecisionTest {

  /** bfloat16 rounds to 2^-9, and the errors of about thirty layers accumulate. */
  private static final double OF_THE_LARGEST = 0.05;

  @ParameterizedTest
  @CsvSource({
    "unet_i_2level, unet_i_2level",
    "unet_ii_3level_class, unet_ii_3level_class",
    "unet_iii_6level, unet_iii_6level_28_patched",
    "unet_iii_c_attnup_odd_28_patched, unet_iii_c_attnup_odd_28_patched",
    "unet_iv_scale_shift_resnet, unet_iv_scale_shift_resnet",
    "unet_v_fourier, unet_v_fourier",
    "unet_vi_ddpm_style, unet_vi_ddpm_style",
    "unet_vii_options, unet_vii_options",
  })
  void outputsAndGradientsAreThoseOfFloat32ButForTheRounding(String weights, String io) {
    Golden golden = Golden.open(io + ".io");
    try (NDManager manager = NDManager.newBaseManager()) {
      UNet2DModel model = GoldenModel.open(manager, golden, Golden.open(weights + ".weights"));
      NDArray x = golden.array(manager, "x");
      NDArray t = golden.array(manager, "timesteps");
      NDArray labels =
          golden.names().contains("class_labels") ? golden.array(manager, "class_labels") : null;

      NDArray y = Autocast.in(MixedPrecision.BF16, () -> model.forwardWithGrad(x, t, labels));
      NDArray loss = Autograd.enableGrad(() -> y.mul(golden.array(manager, "g")).mean());
      Map<String, NDArray> gradients = GoldenModel.gradients(model, loss, manager);

      assertThat(y.getDataType()).isEqualTo(DataType.FLOAT32);
      golden.assertClose("y", y, OF_THE_LARGEST * largest(golden, "y"));
      assertThat(y.sub(model.forward(x, t, labels)).abs().max().getFloat())
          .as("difference to float32")
          .isGreaterThan(1e-4f);
      double largest =
          gradients.keySet().stream()
              .map(name -> "grad." + name)
              .filter(golden.names()::contains)
              .mapToDouble(key -> largest(golden, key))
              .max()
              .orElseThrow();
      gradients.forEach(
          (name, gradient) -> {
            assertThat(gradient.getDataType()).isEqualTo(DataType.FLOAT32);
            if (golden.names().contains("grad." + name)) {
              golden.assertClose("grad." + name, gradient, OF_THE_LARGEST * largest);
            }
          });
    }
  }

  @Test
  void weightsAreConvertedOnceWithinAComputationAndFreedAfterIt() {
    try (NDManager manager = NDManager.newBaseManager()) {
      UNet2DModel model = TinyModel.create(manager, 1);
      NDArray x = manager.zeros(new Shape(1, 1, 8, 8));
      int before = model.manager().getManagedArrays().size();

      List<Integer> inside =
          Autocast.in(
              MixedPrecision.BF16,
              () -> {
                model.forward(x, 1).close();
                int afterOne = model.manager().getManagedArrays().size();
                model.forward(x, 1).close();
                return List.of(afterOne, model.manager().getManagedArrays().size());
              });

      assertThat(inside.get(0)).isGreaterThan(before).isEqualTo(inside.get(1));
      assertThat(model.manager().getManagedArrays()).hasSize(before);
    }
  }

  private static double largest(Golden golden, String key) {
    return Arrays.stream(golden.doubles(key)).map(Math::abs).max().orElseThrow();
  }
}
