package emnist.diffusion.extras.letters;

import java.util.ArrayList;
import java.util.List;

/**
 * The ways to draw each capital letter: pen strokes in the notation of SVG paths.
 *
 * <p>{@code M} lowers the pen, {@code L} draws a straight line, {@code C} a cubic Bezier curve. A
 * letter stands in a box one unit high and as wide as the number before its strokes says; x is
 * given as a fraction of that width and y grows downwards.
 */
final class LetterSkeletons {

  /** One stroke as a chain of cubic Bezier curves: {@code 3k + 1} points {@code {x, y}}. */
  record Stroke(double[][] points) {}

  private static final String[][] LETTERS = {
    {
      "A .8 M 0 1 L .48 0 L 1 1 M .18 .63 L .84 .62",
      "A .85 M 0 1 L .55 0 L .9 1 M .05 .68 C .35 .58 .7 .56 1 .6",
      "A .7 M 0 1 L .04 .5 C .08 .1 .3 0 .5 0 C .75 0 .94 .15 .96 .5 L 1 1 M .03 .56 L .96 .55"
    },
    {
      "B .68 M .06 0 L .05 1 M 0 .02 C .5 -.08 .92 .02 .88 .25 C .85 .45 .5 .48 .12 .48"
          + " C .6 .46 1.02 .55 1 .77 C .98 1.02 .4 1.04 0 .98",
      "B .75 M .14 .02 L .1 1 L .13 .08 C .5 -.1 .9 0 .85 .25 C .82 .42 .5 .48 .34 .48"
          + " C .7 .46 1 .6 .95 .78 C .9 1.02 .4 1.05 .02 .94"
    },
    {
      "C .75 M .95 .18 C .8 -.05 .45 -.05 .2 .2 C -.05 .48 -.02 .8 .25 .95 C .5 1.06 .8 1 1 .82",
      "C .8 M .9 .14 C .6 -.1 .25 .05 .1 .4 C -.05 .75 .1 1 .45 1 C .7 1 .9 .92 1 .84",
      "C .7 M .86 .24 C .95 .02 .6 -.04 .4 .08 C .1 .25 0 .5 .02 .7 C .06 1 .55 1.08 1 .86"
    },
    {
      "D .8 M .1 0 L .08 1 M 0 .02 C .6 -.05 1 .15 1 .5 C 1 .85 .6 1.03 0 .98",
      "D .75 M .14 .04 L .1 1 C .6 1.02 1 .8 1 .48 C 1 .15 .6 -.03 0 .03"
    },
    {
      "E .65 M .95 0 L .06 .02 L .05 1 L 1 .98 M .06 .5 L .8 .48",
      "E .68 M .1 0 L .08 1 M .08 .02 L .95 0 M .08 .5 L .78 .48 M .08 1 L 1 .97",
      "E .7 M .92 .12 C .6 -.06 .15 -.02 .12 .22 C .1 .42 .4 .48 .65 .48"
          + " C .3 .48 0 .55 .02 .78 C .04 1.02 .6 1.06 1 .88"
    },
    {
      "F .68 M .1 0 L .08 1 M .03 .02 L 1 0 M .08 .48 L .8 .46",
      "F .65 M 1 0 L .14 .03 L .1 1 M .12 .5 L .78 .46",
      "F .75 M .3 .02 L .22 1 M .02 .08 C .3 -.03 .7 .05 1 0 M .05 .52 L .75 .47"
    },
    {
      "G .8 M .92 .16 C .75 -.05 .4 -.05 .18 .2 C -.06 .5 -.02 .82 .25 .95"
          + " C .55 1.06 .9 .95 .95 .58 L .5 .58",
      "G .78 M .9 .14 C .6 -.1 .2 .02 .07 .4 C -.05 .75 .1 1 .42 1 C .7 1 .86 .85 .9 .62"
          + " M .48 .6 L 1 .58 L .96 1",
      "G .75 M .88 .14 C .6 -.08 .25 0 .1 .3 C -.06 .65 .05 .98 .38 1 C .65 1 .82 .8 .86 .55"
          + " L .45 .55 M .86 .55 L .88 1"
    },
    {
      "H .75 M .05 0 L .03 1 M .95 0 L .97 1 M .04 .5 L .96 .48",
      "H .78 M .12 0 L 0 1 M 1 0 L .88 1 M .02 .55 L .98 .47"
    },
    {
      "I .6 M .5 0 L .5 1 M .08 .02 L .92 0 M .06 1 L .94 .98",
      "I .7 M .5 0 L .48 1 M .02 .03 C .3 -.02 .7 .03 1 0 M 0 1 C .3 .96 .7 1.01 .97 .97",
      "I .5 M 0 .02 L 1 0 M .52 .02 L .48 1 M .02 .99 L .98 .98"
    },
    {
      "J .62 M .85 0 L .84 .72 C .82 1.04 .1 1.1 0 .72",
      "J .7 M .2 .02 L 1 0 M .68 0 L .66 .75 C .62 1.06 .1 1.05 0 .76",
      "J .75 M .12 .06 C .4 -.02 .7 .02 1 0 M .64 .02 C .66 .4 .66 .6 .62 .75 C .5 1.08 .1 1 0 .8"
    },
    {
      "K .75 M .06 0 L .05 1 M .92 0 L .08 .55 M .28 .42 L 1 1",
      "K .75 M .06 0 L .05 1 M .95 .02 L .1 .52 L 1 1",
      "K .78 M .1 0 L .04 1 M .95 .03 C .7 .2 .4 .5 .08 .58 C .4 .56 .7 .85 1 .98"
    },
    {
      "L .65 M .08 0 L .05 1 L 1 .97", "L .7 M .16 0 C .12 .4 .1 .7 .02 1 C .3 .95 .7 .99 1 .93",
    },
    {
      "M .95 M 0 1 L .12 0 L .5 .75 L .88 0 L 1 1",
      "M .9 M .02 0 L .02 1 M .02 .01 L .5 .62 L .98 0 L 1 1",
      "M .95 M 0 1 L .1 .04 C .25 -.05 .42 .1 .48 .9 C .55 .1 .75 -.05 .88 .04 L 1 1"
    },
    {
      "N .8 M .02 1 L .05 0 L .95 1 L .98 0",
      "N .78 M .05 0 L .03 1 M .05 .01 L .95 .98 M .97 0 L .96 1",
      "N .85 M 0 1 L .16 .02 C .4 .3 .6 .8 .82 1 L 1 0"
    },
    {
      "O .82 M .55 .01 C .2 -.03 0 .25 0 .52 C 0 .82 .2 1 .5 1 C .8 1 1 .78 1 .48"
          + " C 1 .2 .8 0 .5 .02",
      "O .78 M .45 .05 C .15 .1 0 .35 0 .58 C 0 .88 .25 1 .5 1 C .85 1 1 .7 1 .42"
          + " C 1 .1 .7 -.03 .36 .07"
    },
    {
      "P .68 M .08 0 L .06 1 M .02 .04 C .55 -.06 1 .05 .98 .28 C .96 .52 .5 .56 .08 .54",
      "P .65 M .06 1 L .1 .02 C .6 -.06 1 .08 .95 .3 C .9 .55 .4 .56 .1 .52"
    },
    {
      "Q .85 M .5 .01 C .2 -.03 0 .22 0 .48 C 0 .75 .2 .92 .48 .92 C .76 .92 .95 .74 .95 .46"
          + " C .95 .2 .75 0 .45 .03 M .55 .62 L 1 1",
      "Q .82 M .45 .05 C .15 .1 0 .32 0 .54 C 0 .82 .22 .94 .46 .94 C .8 .94 .94 .68 .94 .42"
          + " C .94 .1 .68 -.03 .38 .06 M .48 .7 C .62 .62 .78 .95 1.04 .97"
    },
    {
      "R .72 M .08 0 L .06 1 M .02 .04 C .55 -.06 .98 .05 .94 .28 C .9 .5 .5 .53 .1 .52"
          + " M .36 .52 L 1 1",
      "R .72 M .06 1 L .1 .02 C .6 -.06 .95 .08 .9 .28 C .86 .5 .42 .53 .15 .52 L 1 1",
      "R .75 M .1 .02 L .05 1 M .04 .08 C .45 -.08 .95 0 .88 .26 C .82 .45 .5 .5 .25 .52"
          + " C .5 .55 .7 .9 1 .97"
    },
    {
      "S .7 M .92 .14 C .75 -.04 .3 -.06 .12 .16 C -.02 .4 .35 .46 .55 .52"
          + " C .9 .6 1.05 .78 .85 .92 C .6 1.06 .2 1.02 0 .85",
      "S .75 M 1 .06 C .7 -.03 .25 .02 .15 .22 C .1 .42 .5 .45 .7 .58"
          + " C .95 .75 .7 1 .35 1 C .2 1 .08 .97 0 .9"
    },
    {
      "T .8 M .5 0 L .5 1 M 0 .02 L 1 0",
      "T .85 M .52 .02 C .5 .4 .5 .7 .45 1 M 0 .06 C .3 -.03 .7 .04 1 0"
    },
    {
      "U .75 M .02 0 L .03 .6 C .05 1.12 .92 1.12 .95 .6 L .98 0",
      "U .82 M .02 .02 C 0 .5 0 1 .4 1 C .7 1 .84 .7 .86 0 L .87 .78 C .88 .95 .94 1 1.04 .94",
      "U .75 M .06 .02 C -.04 .5 0 1 .45 1 C .9 1 1 .5 .94 0"
    },
    {
      "V .8 M 0 0 L .5 1 L 1 0", "V .8 M 0 .05 C .18 .2 .34 .7 .46 1 C .55 .7 .8 .2 1 0",
    },
    {
      "W 1.05 M 0 0 L .25 1 L .5 .25 L .75 1 L 1 0",
      "W 1 M 0 0 C .02 .6 .08 1 .25 1 C .42 1 .5 .7 .5 .3 C .5 .7 .6 1 .75 1 C .92 1 .98 .5 1 0",
      "W 1.05 M 0 .04 C .08 .2 .16 .8 .24 1 L .52 .1 L .74 1 C .8 .8 .94 .3 1 0"
    },
    {
      "X .8 M .02 0 L .98 1 M .98 0 L .02 1",
      "X .8 M 0 .06 C .3 .1 .6 .9 1 .94 M .95 0 C .6 .3 .3 .7 .03 1"
    },
    {
      "Y .78 M 0 0 L .48 .5 M 1 0 L .48 .5 L .47 1",
      "Y .8 M 0 .02 L .62 .54 M 1 0 L .28 1",
      "Y .75 M 0 .02 C .05 .38 .3 .5 .54 .42 L 1 0 M .56 .4 C .52 .65 .5 .8 .46 1"
    },
    {
      "Z .78 M .03 .02 L .97 0 L .02 1 L 1 .97",
      "Z .78 M .03 .02 L .97 0 L .02 1 L 1 .97 M .2 .52 L .8 .48",
      "Z .75 M .03 .14 C .2 -.04 .6 .06 .92 .02 C .7 .4 .4 .7 .04 .98 C .35 .9 .7 1.02 1 .92"
    },
  };

  private LetterSkeletons() {}

  /** The number of ways to draw a letter (0 is A). */
  static int variants(int letter) {
    return LETTERS[letter].length;
  }

  /** The strokes of a letter (0 is A), in new arrays that the caller may change. */
  static List<Stroke> strokes(int letter, int variant) {
    String[] words = LETTERS[letter][variant].split(" ");
    double width = Double.parseDouble(words[1]);
    List<List<double[]>> strokes = new ArrayList<>();
    int word = 2;
    while (word < words.length) {
      String command = words[word++];
      double[][] points = new double[command.equals("C") ? 3 : 1][];
      for (int p = 0; p < points.length; p++) {
        double x = width * Double.parseDouble(words[word++]);
        points[p] = new double[] {x, Double.parseDouble(words[word++])};
      }
      append(strokes, command, points);
    }
    return strokes.stream().map(s -> new Stroke(s.toArray(double[][]::new))).toList();
  }

  private static void append(List<List<double[]>> strokes, String command, double[][] points) {
    if (command.equals("M")) {
      strokes.add(new ArrayList<>(List.of(points)));
      return;
    }
    List<double[]> stroke = strokes.get(strokes.size() - 1);
    if (command.equals("L")) {
      // A line becomes a curve as well, so that moving its inner points bends it as a hand would.
      double[] from = stroke.get(stroke.size() - 1);
      stroke.add(between(from, points[0], 1 / 3.0));
      stroke.add(between(from, points[0], 2 / 3.0));
    }
    stroke.addAll(List.of(points));
  }

  private static double[] between(double[] from, double[] to, double t) {
    return new double[] {from[0] + t * (to[0] - from[0]), from[1] + t * (to[1] - from[1])};
  }
}
