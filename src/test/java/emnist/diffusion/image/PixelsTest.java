package emnist.diffusion.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import emnist.diffusion.Golden;
import java.awt.image.BufferedImage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PixelsTest {

  @Test
  void agreesWithDiffusers() {
    Golden golden = Golden.open("sample_tiny");
    float[] states = golden.floats("ddpm10.x");
    int[] expected = golden.unsignedBytes("ddpm10.image_uint8");
    int[] actual = new int[expected.length];
    for (int i = 0; i < actual.length; i++) {
      actual[i] = Pixels.toUnsignedByte(states[states.length - actual.length + i]);
    }
    assertThat(actual).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({"-1, 0", "1, 255", "-7, 0", "7, 255", "0, 128", "NaN, 0", "-Infinity, 0"})
  void mapsTheRangeToBlackAndWhiteAndCutsOffTheRest(float pixel, int brightness) {
    assertThat(Pixels.toUnsignedByte(pixel)).isEqualTo(brightness);
  }

  @Test
  void roundsHalvesToEven() {
    float halfOver127 = 0;
    float halfOver128 = 0.007843137f;
    assertThat((halfOver128 / 2 + 0.5f) * 255).isEqualTo(128.5f);
    assertThat(Pixels.toUnsignedByte(halfOver127)).isEqualTo(128);
    assertThat(Pixels.toUnsignedByte(halfOver128)).isEqualTo(128);
  }

  @Test
  void drawsGreyImagesPixelByPixel() {
    ImageBatch images = new ImageBatch(new float[] {9, 9, 9, 9, -1, 1, 0, -1}, 2, 1, 2, 2);
    BufferedImage picture = Pixels.toPicture(images, 1);
    assertThat(picture.getRGB(0, 0)).isEqualTo(0xFF000000);
    assertThat(picture.getRGB(1, 0)).isEqualTo(0xFFFFFFFF);
    assertThat(picture.getRGB(0, 1)).isEqualTo(0xFF808080);
  }

  @Test
  void drawsChannelsAsRedGreenAndBlue() {
    ImageBatch image = new ImageBatch(new float[] {1, -1, 0, -1, -1, 1}, 1, 3, 1, 2);
    BufferedImage picture = Pixels.toPicture(image, 0);
    assertThat(picture.getRGB(0, 0)).isEqualTo(0xFFFF80_00);
    assertThat(picture.getRGB(1, 0)).isEqualTo(0xFF0000_FF);
  }

  @Test
  void refusesOtherNumbersOfChannels() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Pixels.toPicture(new ImageBatch(new float[2], 1, 2, 1, 1), 0))
        .withMessage(
            "Expected images of 1 (grey) or 3 (RGB) channels, found 2. Draw each channel as a grey image.");
  }

  @Test
  void refusesAnImageThatIsNotThere() {
    assertThatExceptionOfType(IndexOutOfBoundsException.class)
        .isThrownBy(() -> Pixels.toPicture(new ImageBatch(new float[1], 1, 1, 1, 1), 1));
  }
}
