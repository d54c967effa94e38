package emnist.diffusion.extras.pretrained;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import emnist.diffusion.extras.data.LettersFolder;
import emnist.diffusion.random.CounterRandom;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class DistortionTest {

  private static final int SIDE = LettersFolder.SIDE;

  @Test
  void movesTheInkALittleAndKeepsItsAmount() {
    byte[] image = square(8, 20);
    for (int i = 0; i < 50; i++) {
      byte[] distorted = Distortion.of(image, new CounterRandom(0, i));
      assertThat(distorted).isNotEqualTo(image);
      // A stretch of 6 % in both directions changes the area by at most 12.4 %.
      assertThat(ink(distorted) / ink(image)).isCloseTo(1, within(0.15));
      assertThat(distorted[13 * SIDE + 13]).as("the middle").isEqualTo((byte) 255);
      assertThat(distorted[0]).as("the corner").isZero();
    }
  }

  @Test
  void isAFunctionOfItsRandomNumbers() {
    byte[] image = square(10, 16);
    assertThat(Distortion.of(image, new CounterRandom(1, 2)))
        .isEqualTo(Distortion.of(image, new CounterRandom(1, 2)))
        .isNotEqualTo(Distortion.of(image, new CounterRandom(1, 3)));
  }

  @Test
  void keepsStrokesSharp() {
    byte[] image = square(13, 15); // a stroke of two pixels in both directions
    for (int i = 0; i < 50; i++) {
      byte[] distorted = Distortion.of(image, new CounterRandom(2, i));
      int brightest = 0;
      for (byte pixel : distorted) {
        brightest = Math.max(brightest, Byte.toUnsignedInt(pixel));
      }
      assertThat(brightest).isGreaterThan(230);
    }
  }

  private static byte[] square(int from, int to) {
    byte[] image = new byte[SIDE * SIDE];
    for (int row = from; row < to; row++) {
      Arrays.fill(image, row * SIDE + from, row * SIDE + to, (byte) 255);
    }
    return image;
  }

  private static double ink(byte[] image) {
    double sum = 0;
    for (byte pixel : image) {
      sum += Byte.toUnsignedInt(pixel);
    }
    return sum;
  }
}
