package emnist.diffusion.random;

import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * Random numbers on the host that are a function of a seed and of counters such as the epoch or the
 * image's index, so that each stream can be repeated without those before it.
 *
 * <p>The generator is SplitMix64 (Steele, Lea and Flood 2014, "Fast splittable pseudorandom number
 * generators") as {@link SplittableRandom#nextLong} implements it. Everything else is derived from
 * its 64 bits here, because the JDK does not specify the algorithms of its other draws.
 */
public final class CounterRandom {

  private final SplittableRandom bits;

  /** A stream of its own for each list of counters, such as the epoch and the batch. */
  public CounterRandom(long seed, long... counters) {
    bits = new SplittableRandom(seed(seed, counters));
  }

  /**
   * A seed that depends on every one of the given numbers, such as (seed, epoch, batch). Chains the
   * finalizer of SplitMix64, because neighbouring seeds can give shifted copies of one sequence;
   * mixed seeds do not.
   */
  public static long seed(long seed, long... counters) {
    long state = new SplittableRandom(seed).nextLong();
    for (long counter : counters) {
      state = new SplittableRandom(state + counter).nextLong();
    }
    return state;
  }

  /** A number in {@code [from, to)}. */
  public double uniform(double from, double to) {
    return from + (to - from) * ((bits.nextLong() >>> 11) * 0x1.0p-53);
  }

  /** An integer in {@code [0, bound)}, with a bias of less than {@code bound / 2^32}. */
  public int below(int bound) {
    return (int) (((bits.nextLong() >>> 32) * bound) >>> 32);
  }

  /** The numbers 0 to {@code n - 1} in random order (Fisher and Yates, from the end). */
  public int[] permutation(int n) {
    int[] order = IntStream.range(0, n).toArray();
    for (int i = n - 1; i > 0; i--) {
      int j = below(i + 1);
      int swapped = order[i];
      order[i] = order[j];
      order[j] = swapped;
    }
    return order;
  }
}
