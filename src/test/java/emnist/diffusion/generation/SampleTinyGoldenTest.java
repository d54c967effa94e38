package emnist.diffusion.generation;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDManager;
import emnist.diffusion.Golden;
import emnist.diffusion.GoldenSample;
import emnist.diffusion.image.Pixels;
import emnist.diffusion.torch.MixedPrecision;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Two pictures from noise to bytes in ten steps, with diffusers' noise. */
class SampleTinyGoldenTest {

  private static final Golden GOLDEN = Golden.open("sample_tiny");

  private final NDManager manager = NDManager.newBaseManager();

  @AfterEach
  void freeArrays() {
    manager.close();
  }

  @ParameterizedTest
  @MethodSource("samples")
  void everyStateOfTheChainIsThatOfDiffusers(GoldenSample sample) {
    // Without fresh noise a difference of 7e-7 in the first output stays, and grows.
    double tolerance = sample.name().equals("ddim10") ? 5e-5 : 1e-5;

    assertThat(sample.differences(manager, MixedPrecision.NO))
        .allSatisfy(state -> assertThat(state.largest()).isLessThanOrEqualTo(tolerance));
  }

  @ParameterizedTest
  @MethodSource("samples")
  void theTimestepsAreThoseOfDiffusers(GoldenSample sample) {
    assertThat(sample.scheduler().timesteps()).isEqualTo(GOLDEN.ints(sample.name() + ".timesteps"));
  }

  @Test
  void thePixelsOfThePicturesAreThoseOfDiffusers() {
    float[] picture =
        GoldenSample.ALL.get(0).chain(manager, MixedPrecision.NO).get(10).toFloatArray();

    int[] bytes =
        IntStream.range(0, picture.length).map(i -> Pixels.toUnsignedByte(picture[i])).toArray();

    assertThat(bytes).isEqualTo(GOLDEN.unsignedBytes("ddpm10.image_uint8"));
  }

  static List<GoldenSample> samples() {
    return GoldenSample.ALL;
  }
}
