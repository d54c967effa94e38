package emnist.diffusion.extras.letters;

import emnist.diffusion.extras.letters.LetterSkeletons.Stroke;
import emnist.diffusion.random.CounterRandom;
import java.util.ArrayList;
import java.util.List;

/**
 * One hand that writes one letter: bends a skeleton, rounds its corners, slants, turns and fits it,
 * and draws it with a pen of its own width and pressure.
 *
 * <p>Sizes follow the NIST capitals that EMNIST is made of: the ink spans about 20 of the image's
 * 28 pixels in its longer direction and is centred. The ranges of all variations were chosen by eye
 * beside real capitals, as wide as letters stay readable.
 */
public final class Handwriting {

  /** Rows and columns of an image. */
  public static final int SIDE = 28;

  private static final int POINTS_PER_CURVE = 14;

  private final CounterRandom random;

  /** A hand whose traits are all drawn from {@code random}. */
  public Handwriting(CounterRandom random) {
    this.random = random;
  }

  /** An upright image of a letter (0 is A): {@code (28, 28)} bytes, row-major, ink is 255. */
  public byte[] write(int letter) {
    List<double[][]> lines = new ArrayList<>();
    double shake = random.uniform(0.016, 0.05);
    int rounding = random.below(7);
    for (Stroke stroke :
        LetterSkeletons.strokes(letter, random.below(LetterSkeletons.variants(letter)))) {
      double[][] line = flatten(shaken(stroke.points(), shake));
      smooth(line, rounding);
      lines.add(line);
    }
    warp(lines);
    shear(lines);
    double radius = 0.85 + 1.05 * StrictMath.pow(random.uniform(0, 1), 1.6);
    fit(lines, radius);
    return draw(lines, radius);
  }

  // Strokes start and end less exactly than they bend, and complete strokes are slightly displaced.
  private double[][] shaken(double[][] points, double shake) {
    double strokeX = shake * bell() * 0.8;
    double strokeY = shake * bell() * 0.8;
    for (int i = 0; i < points.length; i++) {
      double reach = i == 0 || i == points.length - 1 ? 1.4 : 1;
      points[i][0] += strokeX + reach * shake * bell();
      points[i][1] += strokeY + reach * shake * bell();
    }
    return points;
  }

  private static double[][] flatten(double[][] points) {
    int curves = points.length / 3;
    double[][] line = new double[curves * POINTS_PER_CURVE + 1][];
    line[0] = points[0];
    for (int c = 0; c < curves; c++) {
      for (int i = 1; i <= POINTS_PER_CURVE; i++) {
        double t = (double) i / POINTS_PER_CURVE;
        line[c * POINTS_PER_CURVE + i] =
            new double[] {bezier(points, 3 * c, 0, t), bezier(points, 3 * c, 1, t)};
      }
    }
    return line;
  }

  private static double bezier(double[][] p, int first, int axis, double t) {
    double s = 1 - t;
    return s * s * s * p[first][axis]
        + 3 * s * s * t * p[first + 1][axis]
        + 3 * s * t * t * p[first + 2][axis]
        + t * t * t * p[first + 3][axis];
  }

  // A fast hand rounds corners: neighbours are averaged repeatedly, ends are kept.
  private static void smooth(double[][] line, int rounds) {
    for (int round = 0; round < rounds; round++) {
      double[] before = line[0];
      for (int i = 1; i < line.length - 1; i++) {
        double[] here = line[i];
        line[i] =
            new double[] {
              (before[0] + 2 * here[0] + line[i + 1][0]) / 4,
              (before[1] + 2 * here[1] + line[i + 1][1]) / 4
            };
        before = here;
      }
    }
  }

  // A slow wave over the letter: neighbouring parts move together.
  private void warp(List<double[][]> lines) {
    double amplitude = random.uniform(0, 0.05);
    double angle = random.uniform(0, 2 * StrictMath.PI);
    double waves = random.uniform(2, 6);
    double alongX = waves * StrictMath.cos(angle);
    double alongY = waves * StrictMath.sin(angle);
    double phaseX = random.uniform(0, 2 * StrictMath.PI);
    double phaseY = random.uniform(0, 2 * StrictMath.PI);
    for (double[][] line : lines) {
      for (double[] point : line) {
        double along = alongX * point[0] + alongY * point[1];
        point[0] += amplitude * StrictMath.sin(along + phaseX);
        point[1] += amplitude * StrictMath.sin(along + phaseY);
      }
    }
  }

  private void shear(List<double[][]> lines) {
    double aspect = random.uniform(0.75, 1.3);
    double slant = 0.13 + 0.19 * bell();
    double turn = 0.06 * bell();
    double cos = StrictMath.cos(turn);
    double sin = StrictMath.sin(turn);
    for (double[][] line : lines) {
      for (double[] point : line) {
        double x = aspect * point[0] - slant * point[1];
        double y = point[1];
        point[0] = cos * x - sin * y;
        point[1] = sin * x + cos * y;
      }
    }
  }

  private void fit(List<double[][]> lines, double radius) {
    double[] low = {Double.POSITIVE_INFINITY, Double.POSITIVE_INFINITY};
    double[] high = {Double.NEGATIVE_INFINITY, Double.NEGATIVE_INFINITY};
    for (double[][] line : lines) {
      for (double[] point : line) {
        for (int axis = 0; axis < 2; axis++) {
          low[axis] = Math.min(low[axis], point[axis]);
          high[axis] = Math.max(high[axis], point[axis]);
        }
      }
    }
    double extent = Math.max(high[0] - low[0], high[1] - low[1]);
    double scale = (random.uniform(18, 20.5) - 2 * radius) / extent;
    double[] centre = {
      SIDE / 2.0 + random.uniform(-0.8, 0.8), SIDE / 2.0 + random.uniform(-0.8, 0.8)
    };
    for (double[][] line : lines) {
      for (double[] point : line) {
        for (int axis = 0; axis < 2; axis++) {
          point[axis] = centre[axis] + scale * (point[axis] - (low[axis] + high[axis]) / 2);
        }
      }
    }
  }

  private byte[] draw(List<double[][]> lines, double radius) {
    Pen pen = new Pen(SIDE, random.uniform(1.0, 1.5));
    double pressureChange = random.uniform(0, 0.3);
    double taper = random.uniform(0, 0.45);
    for (double[][] line : lines) {
      double phase = random.uniform(0, 2 * StrictMath.PI);
      double waves = random.uniform(2, 7);
      double[] radii = new double[line.length];
      for (int i = 0; i < line.length; i++) {
        double t = (double) i / (line.length - 1);
        double nearEnd = Math.max(0, 1 - (1 - t) * 5);
        radii[i] =
            radius
                * (1 + pressureChange * StrictMath.sin(phase + waves * t))
                * (1 - taper * nearEnd);
      }
      pen.draw(line, radii);
    }
    pen.blur(random.uniform(0, 0.1));
    return pen.pixels(random.uniform(0.94, 1.2));
  }

  /**
   * A number with mean 0 and standard deviation 1, nearly normal but within 3.47: the sum of four
   * uniform numbers.
   */
  double bell() {
    double sum = 0;
    for (int i = 0; i < 4; i++) {
      sum += random.uniform(-1, 1);
    }
    return sum * StrictMath.sqrt(0.75);
  }
}
