package emnist.diffusion.classifier;

import emnist.diffusion.image.ImageBatch;
import emnist.diffusion.random.CounterRandom;
import java.util.Arrays;

/** Shifts letters a little, so that a classifier learns that their position does not matter. */
final class RandomShift {

  static final int MAX_PIXELS = 2;

  private static final float BLACK = -1;

  private RandomShift() {}

  /**
   * The images, each shifted by up to {@link #MAX_PIXELS} pixels up or down and left or right; the
   * border that appears is black.
   *
   * @param seed the only source of randomness
   */
  static ImageBatch of(ImageBatch images, long seed) {
    CounterRandom random = new CounterRandom(seed);
    float[] shifted = new float[images.pixels().length];
    Arrays.fill(shifted, BLACK);
    for (int start = 0; start < shifted.length; start += images.pixelsPerImage()) {
      int down = random.below(2 * MAX_PIXELS + 1) - MAX_PIXELS;
      int right = random.below(2 * MAX_PIXELS + 1) - MAX_PIXELS;
      copy(images, start, down, right, shifted);
    }
    return new ImageBatch(shifted, images.n(), images.channels(), images.height(), images.width());
  }

  private static void copy(ImageBatch images, int start, int down, int right, float[] shifted) {
    int width = images.width();
    int length = Math.max(0, width - Math.abs(right));
    int rows = images.channels() * images.height();
    for (int row = Math.max(0, -down); row < Math.min(rows, rows - down); row++) {
      System.arraycopy(
          images.pixels(),
          start + row * width + Math.max(0, -right),
          shifted,
          start + (row + down) * width + Math.max(0, right),
          length);
    }
  }
}
