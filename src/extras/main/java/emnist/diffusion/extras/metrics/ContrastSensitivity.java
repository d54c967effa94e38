package emnist.diffusion.extras.metrics;

import emnist.diffusion.image.ImageBatch;
import emnist.diffusion.metrics.SsimWindow;
import emnist.diffusion.metrics.StructuralSimilarity;
import java.util.Arrays;

/** The part of SSIM that compares contrast and structure but not brightness. */
final class ContrastSensitivity {

  private ContrastSensitivity() {}

  /**
   * Each image's mean contrast factor, over the pixels whose window lies within the image.
   *
   * @throws IllegalArgumentException if the shapes differ or the images are smaller than the window
   */
  static double[] perImage(
      StructuralSimilarity similarity, ImageBatch images, ImageBatch references) {
    SsimWindow window = similarity.window();
    window.requireSize(images, window.height(), window.width());
    double[] contrast = similarity.factors(images, references).contrast();
    int rows = window.height() / 2;
    int columns = window.width() / 2;
    int width = images.width();
    int kept = (images.height() - 2 * rows) * (width - 2 * columns) * images.channels();
    double[] sums = new double[images.n()];
    for (int row = 0; row < contrast.length / width; row++) {
      int y = row % images.height();
      if (y < rows || y >= images.height() - rows) {
        continue;
      }
      for (int x = columns; x < width - columns; x++) {
        sums[row / (images.height() * images.channels())] += contrast[row * width + x];
      }
    }
    return Arrays.stream(sums).map(sum -> sum / kept).toArray();
  }
}
