package emnist.diffusion.model;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import emnist.diffusion.Golden;
import emnist.diffusion.GoldenModel;
import emnist.diffusion.torch.MixedPrecision;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Compares outputs and gradients of small networks with diffusers. */
class UNet2DModelGoldenTest {

  /** Smallest error of the reference's float32 gradients against its float64 ones. */
  private static final double REFERENCE_ERROR = 2.4e-8;

  static Stream<String> files() {
    return GoldenModel.files();
  }

  @ParameterizedTest
  @MethodSource("files")
  void outputsAndGradientsAreThoseOfDiffusers(String file) {
    // In float32, sin and cos of Fourier features' angles up to 750 rad lose digits.
    double tolerance = file.equals("unet_v_fourier") ? 1e-4 : 2e-5;
    try (NDManager manager = NDManager.newBaseManager()) {
      UNet2DModel model = GoldenModel.ofFile(manager, file);
      assertThat(model.parameters().keySet())
          .containsExactlyElementsOf(GoldenModel.weights(file).names());
      assertThat(model.config().minNumParameters()).isLessThan(model.numParameters());

      Golden golden = Golden.open(file + ".io");

      GoldenModel.Run run = GoldenModel.run(manager, model, golden, "", MixedPrecision.NO);

      golden.assertClose("y", run.y(), tolerance);
      NDArray labels = GoldenModel.labels(manager, golden);
      NDArray x = golden.array(manager, "x");
      NDArray t = golden.array(manager, "timesteps");
      golden.assertClose("y", model.forward(x, t, labels), tolerance);
      long[] timesteps = golden.longs("timesteps");
      int last = (int) timesteps[timesteps.length - 1];
      golden.assertClose("y_scalar_t", model.forward(x, last, labels), tolerance);
      assertThat(run.stored()).isNotEmpty();
      run.stored().forEach(name -> assertGradient(golden, name, run.gradients().get(name)));
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
