package emnist.diffusion.metrics;

import java.util.Arrays;
import java.util.stream.IntStream;

/** Orders of images: each of {@code 0 .. n-1} once. */
public final class Permutation {

  private Permutation() {}

  /**
   * Refuses an order that is not a permutation of {@code n} images.
   *
   * @throws IllegalArgumentException if an index is missing, occurs twice or is out of range
   */
  public static void require(int[] order, int n) {
    if (!Arrays.equals(Arrays.stream(order).sorted().toArray(), IntStream.range(0, n).toArray())) {
      throw new IllegalArgumentException(
          "Expected a permutation of the %d images, found %d indices that are none. Pass each of 0 to %d once."
              .formatted(n, order.length, n - 1));
    }
  }
}
