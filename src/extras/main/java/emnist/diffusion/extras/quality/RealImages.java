package emnist.diffusion.extras.quality;

import emnist.diffusion.data.EmnistDataset;
import emnist.diffusion.random.CounterRandom;
import java.util.stream.IntStream;

/**
 * The real images of one source.
 *
 * @param train what the network was trained on
 * @param test images of the same classes that were held out
 */
record RealImages(EmnistDataset train, EmnistDataset test) {

  /** Half of them still have a third nearest neighbour. */
  private static final int LEAST_PER_CLASS = 8;

  /**
   * Checks that there are enough.
   *
   * @throws IllegalArgumentException if a class has fewer than {@value #LEAST_PER_CLASS} images in
   *     one of both
   */
  RealImages {
    requireEnough(train);
    requireEnough(test);
  }

  private static void requireEnough(EmnistDataset data) {
    for (int c = 0; c < data.classNames().size(); c++) {
      int found = ofClass(data, c).length;
      if (found < LEAST_PER_CLASS) {
        throw new IllegalArgumentException(
            "Expected at least %s images of each class, found %s of %s in %s. Raise the limit or load other data."
                .formatted(LEAST_PER_CLASS, found, data.classNames().get(c), data.source()));
      }
    }
  }

  private static int[] ofClass(EmnistDataset data, int c) {
    return IntStream.range(0, data.size()).filter(i -> data.label(i) == c).toArray();
  }

  /** Number of classes. */
  int classes() {
    return train.classNames().size();
  }

  /** The number of images of the class that has the fewest. */
  static int fewest(EmnistDataset data) {
    return IntStream.range(0, data.classNames().size())
        .map(c -> ofClass(data, c).length)
        .min()
        .orElseThrow();
  }

  /**
   * Random images of class {@code 0, 1, ..., K - 1, 0, ...} in turn. None is drawn again before all
   * of its class are drawn.
   *
   * @param perClass how many of each class
   * @return their indices
   */
  static int[] inTurn(EmnistDataset data, int perClass, long seed) {
    int classes = data.classNames().size();
    int[] drawn = new int[perClass * classes];
    for (int c = 0; c < classes; c++) {
      int[] images = ofClass(data, c);
      int[] order = new CounterRandom(seed, c).permutation(images.length);
      for (int i = 0; i < perClass; i++) {
        drawn[i * classes + c] = images[order[i % order.length]];
      }
    }
    return drawn;
  }
}
