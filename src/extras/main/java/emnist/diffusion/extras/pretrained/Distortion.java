package emnist.diffusion.extras.pretrained;

import emnist.diffusion.extras.data.LettersFolder;
import emnist.diffusion.random.CounterRandom;

/**
 * A letter turned, slanted and stretched a little, as another hand might have written it.
 *
 * <p>Pixels between pixels come from cubic convolution, which keeps strokes sharp: linear
 * interpolation blurs them, and a network learns the blur.
 */
final class Distortion {

  private static final double MAX_TURN = Math.toRadians(6);
  private static final double MAX_SLANT = 0.1;
  private static final double MAX_STRETCH = 0.06;

  /** The slope of Keys' kernel that has the smallest error. */
  private static final double SLOPE = -0.5;

  private static final int SIDE = LettersFolder.SIDE;
  private static final double CENTRE = (SIDE - 1) / 2.0;
  private static final int WHITE = 255;

  private Distortion() {}

  /** A distorted copy of {@code (28, 28)} bytes; every trait is drawn from {@code random}. */
  static byte[] of(byte[] image, CounterRandom random) {
    double turn = random.uniform(-MAX_TURN, MAX_TURN);
    double slant = random.uniform(-MAX_SLANT, MAX_SLANT);
    double width = 1 + random.uniform(-MAX_STRETCH, MAX_STRETCH);
    double height = 1 + random.uniform(-MAX_STRETCH, MAX_STRETCH);
    double cos = StrictMath.cos(turn);
    double sin = StrictMath.sin(turn);
    byte[] distorted = new byte[image.length];
    for (int row = 0; row < SIDE; row++) {
      for (int column = 0; column < SIDE; column++) {
        // From the copy's pixel back to the place in the image that it shows.
        double x = column - CENTRE;
        double y = row - CENTRE;
        double fromColumn = CENTRE + (cos * x - sin * y + slant * y) / width;
        double fromRow = CENTRE + (sin * x + cos * y) / height;
        double ink = Math.max(0, Math.min(WHITE, between(image, fromRow, fromColumn)));
        distorted[row * SIDE + column] = (byte) Math.round(ink);
      }
    }
    return distorted;
  }

  private static double between(byte[] image, double row, double column) {
    int top = (int) Math.floor(row);
    int left = (int) Math.floor(column);
    double sum = 0;
    for (int r = Math.max(0, top - 1); r <= Math.min(SIDE - 1, top + 2); r++) {
      for (int c = Math.max(0, left - 1); c <= Math.min(SIDE - 1, left + 2); c++) {
        sum += kernel(row - r) * kernel(column - c) * Byte.toUnsignedInt(image[r * SIDE + c]);
      }
    }
    return sum;
  }

  /** The weight of a pixel at that distance (Keys 1981, "Cubic convolution interpolation"). */
  private static double kernel(double distance) {
    double d = Math.abs(distance);
    if (d < 1) {
      return ((SLOPE + 2) * d - (SLOPE + 3)) * d * d + 1;
    }
    return d < 2 ? SLOPE * (((d - 5) * d + 8) * d - 4) : 0;
  }
}
