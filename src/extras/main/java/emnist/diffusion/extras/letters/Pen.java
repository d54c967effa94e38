package emnist.diffusion.extras.letters;

/** Draws lines of varying width with soft edges into one square grey image. */
final class Pen {

  private final int side;
  private final double edgePixels;
  private final double[] ink;

  /**
   * @param side rows and columns of the image
   * @param edgePixels number of pixels over which the ink fades out at the edge of a stroke
   */
  Pen(int side, double edgePixels) {
    this.side = side;
    this.edgePixels = edgePixels;
    this.ink = new double[side * side];
  }

  /**
   * Draws a line through points {@code {x, y}}; the centre of the first pixel is at (0.5, 0.5).
   *
   * @param radii half the width of the stroke at each point, in pixels
   */
  void draw(double[][] line, double[] radii) {
    for (int i = 0; i + 1 < line.length; i++) {
      drawSegment(line[i], line[i + 1], radii[i], radii[i + 1]);
    }
  }

  private void drawSegment(double[] from, double[] to, double fromRadius, double toRadius) {
    double reach = Math.max(fromRadius, toRadius) + edgePixels;
    int firstRow = (int) Math.max(0, Math.min(from[1], to[1]) - reach);
    int lastRow = (int) Math.min(side - 1, Math.max(from[1], to[1]) + reach);
    int firstColumn = (int) Math.max(0, Math.min(from[0], to[0]) - reach);
    int lastColumn = (int) Math.min(side - 1, Math.max(from[0], to[0]) + reach);
    double dx = to[0] - from[0];
    double dy = to[1] - from[1];
    double squaredLength = Math.max(dx * dx + dy * dy, 1e-12);
    for (int row = firstRow; row <= lastRow; row++) {
      for (int column = firstColumn; column <= lastColumn; column++) {
        double x = column + 0.5 - from[0];
        double y = row + 0.5 - from[1];
        double t = Math.min(1, Math.max(0, (x * dx + y * dy) / squaredLength));
        double distance = Math.sqrt((x - t * dx) * (x - t * dx) + (y - t * dy) * (y - t * dy));
        double inside = fromRadius + t * (toRadius - fromRadius) - distance;
        int pixel = row * side + column;
        ink[pixel] = Math.max(ink[pixel], coverage(inside / edgePixels + 0.5));
      }
    }
  }

  private static double coverage(double ramp) {
    double t = Math.min(1, Math.max(0, ramp));
    return t * t * (3 - 2 * t);
  }

  /** Blurs the image along rows, then along columns: each neighbour contributes this share. */
  void blur(double share) {
    blur(share, 1);
    blur(share, side);
  }

  private void blur(double share, int stride) {
    double[] sharp = ink.clone();
    for (int pixel = 0; pixel < ink.length; pixel++) {
      // No ink reaches the border, so the values that wrap around there are zero.
      double before = pixel >= stride ? sharp[pixel - stride] : 0;
      double after = pixel + stride < ink.length ? sharp[pixel + stride] : 0;
      ink[pixel] = (1 - 2 * share) * sharp[pixel] + share * (before + after);
    }
  }

  /**
   * The image as unsigned bytes, row-major; full ink is 255 times the given strength, at most 255.
   */
  byte[] pixels(double strength) {
    byte[] pixels = new byte[ink.length];
    for (int i = 0; i < ink.length; i++) {
      pixels[i] = (byte) Math.round(255 * Math.min(1, strength * ink[i]));
    }
    return pixels;
  }
}
