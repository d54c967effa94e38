package emnist.diffusion.model;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import emnist.diffusion.Golden;
import emnist.diffusion.GoldenModel;
import emnist.diffusion.torch.Autograd;
import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Compares outputs and gradients of small networks with diffusers. */
class UNet2DModelGoldenTest {

  /** Smallest error of the reference's float32 gradients against its float64 ones. */
  private static final double REFERENCE_ERROR = 2.4e-8;

  @ParameterizedTest
  @CsvSource({
    "unet_i_2level, unet_i_2level, 2e-5",
    "unet_ii_3level_class, unet_ii_3level_class, 2e-5",
    "unet_iii_6level, unet_iii_6level_32, 2e-5",
    "unet_iii_6level, unet_iii_6level_28_patched, 2e-5",
    "unet_iii_b_3level_28, unet_iii_b_3level_28, 2e-5",
    "unet_iii_c_attnup_odd_28_patched, unet_iii_c_attnup_odd_28_patched, 2e-5",
    "unet_iv_scale_shift_resnet, unet_iv_scale_shift_resnet, 2e-5",
    // In float32, sin and cos of angles up to 750 rad lose digits.
    "unet_v_fourier, unet_v_fourier, 1e-4",
    "unet_vi_ddpm_style, unet_vi_ddpm_style, 2e-5",
    "unet_vii_options, unet_vii_options, 2e-5",
  })
  void outputsAndGradientsAreThoseOfDiffusers(String weights, String io, double tolerance) {
    Golden golden = Golden.open(io + ".io");
    try (NDManager manager = NDManager.newBaseManager()) {
      Golden stored = Golden.open(weights + ".weights");
      UNet2DModel model = GoldenModel.open(manager, golden, stored);
      assertThat(model.parameters().keySet()).containsExactlyElementsOf(stored.names());
      assertThat(model.config().minNumParameters()).isLessThan(model.numParameters());

      NDArray x = golden.array(manager, "x");
      NDArray t = golden.array(manager, "timesteps");
      NDArray labels =
          golden.names().contains("class_labels") ? golden.array(manager, "class_labels") : null;

      golden.assertClose("y", model.forward(x, t, labels), tolerance);
      long[] timesteps = golden.longs("timesteps");
      int last = (int) timesteps[timesteps.length - 1];
      golden.assertClose("y_scalar_t", model.forward(x, last, labels), tolerance);

      NDArray y = model.forwardWithGrad(x, t, labels);
      NDArray g = golden.array(manager, "g");
      NDArray loss = Autograd.enableGrad(() -> y.mul(g).mean());
      GoldenModel.gradients(model, loss, manager)
          .forEach(
              (name, gradient) -> {
                if (golden.names().contains("grad." + name)) {
                  assertGradient(golden, name, gradient);
                }
              });
    }
  }

  /**
   * Asserts that a gradient is within 1e-5 times the tensor's largest. Small gradients may differ
   * by the reference's own error, up to 2e-5 times the largest plus 1e-9: some are truly 0, because
   * softmax ignores a constant and attention over one pixel ignores queries and keys.
   */
  private static void assertGradient(Golden golden, String name, NDArray gradient) {
    double largest = Arrays.stream(golden.doubles("grad." + name)).map(Math::abs).max().orElse(0);
    double limit = Math.max(1e-5 * largest, Math.min(REFERENCE_ERROR, 2e-5 * largest + 1e-9));
    golden.assertClose("grad." + name, gradient, limit);
  }
}
