package emnist.diffusion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class GoldenTest {

  private final Golden golden = Golden.open("sample_tiny");

  @Test
  void knowsNamesShapesAndMetadata() {
    assertThat(golden.names()).contains("x_T", "ddpm10.timesteps").doesNotContain("__metadata__");
    assertThat(golden.shape("ddpm10.x")).containsExactly(11, 2, 1, 16, 16);
    assertThat(golden.metadata()).containsEntry("diffusers", "0.31.0");
  }

  @Test
  void readsEveryTypeOfNumber() {
    assertThat(golden.floats("x_T")).hasSize(2 * 16 * 16);
    assertThat(golden.ints("ddpm10.timesteps")).startsWith(900, 800).endsWith(0);
    assertThat(IntStream.of(golden.unsignedBytes("ddpm10.image_uint8")))
        .allMatch(value -> 0 <= value && value <= 255);
    assertThat(Golden.open("metrics_fid").doubles("n200.mu_real")).hasSize(64);
  }

  @Test
  void makesArrays() {
    try (NDManager manager = NDManager.newBaseManager()) {
      NDArray pixels = golden.array(manager, "ddpm10.image_uint8");
      assertThat(pixels.getShape()).isEqualTo(new Shape(2, 1, 16, 16));
      assertThat(pixels.getDataType()).isEqualTo(DataType.UINT8);
      assertThat(golden.array(manager, "x_T").toFloatArray()).isEqualTo(golden.floats("x_T"));
    }
  }

  @Test
  void namesTheArrayThatIsNotThere() {
    assertThatThrownBy(() -> golden.floats("x_0"))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("x_0");
  }

  @Test
  void acceptsNumbersWithinTheTolerance() {
    float[] close = golden.floats("x_T");
    close[7] += 5e-6f;
    golden.assertClose("x_T", close, 1e-5);
  }

  @Test
  void namesTheArrayAndThePlaceThatDiffersMost() {
    float[] different = golden.floats("x_T");
    different[7] += 1;
    assertThatThrownBy(() -> golden.assertClose("x_T", different, 1e-5))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("x_T at 7");
  }

  @Test
  void neverAcceptsNotANumber() {
    float[] broken = golden.floats("x_T");
    broken[7] = Float.NaN;
    assertThatThrownBy(() -> golden.assertClose("x_T", broken, 1e9))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("x_T at 7");
  }
}
