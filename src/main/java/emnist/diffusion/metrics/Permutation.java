package emnist.diffusion.metrics;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/** Orders of images: each of {@code 0 .. n-1} once. */
final class Permutation {

  private Permutation() {}

  /** A permutation of {@code n} images (Fisher-Yates shuffle). */
  static int[] random(int n, SplittableRandom random) {
    int[] order = IntStream.range(0, n).toArray();
    for (int last = n - 1; last > 0; last--) {
      int other = random.nextInt(last + 1);
      int swapped = order[last];
      order[last] = order[other];
      order[other] = swapped;
    }
    return order;
  }

  /** Refuses an order that is no permutation of {@code n} images. */
  static void require(int[] order, int n) {
    if (!Arrays.equals(Arrays.stream(order).sorted().toArray(), IntStream.range(0, n).toArray())) {
      throw new IllegalArgumentException(
          "Expected a permutation of the %d images, found %d indices that are none. Pass each of 0 to %d once."
              .formatted(n, order.length, n - 1));
    }
  }
}
