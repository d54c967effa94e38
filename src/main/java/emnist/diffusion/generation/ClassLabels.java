package emnist.diffusion.generation;

import java.util.stream.IntStream;

/**
 * Which class of a network stands for which letter: letter i is the network's i-th class, its null
 * class not counted.
 */
public final class ClassLabels {

  private ClassLabels() {}

  /**
   * The network's classes of letters.
   *
   * @param letters from 0 on
   * @param nullClass the network's null class; null if it has none, or no classes at all
   */
  public static int[] of(int[] letters, Integer nullClass) {
    return IntStream.of(letters)
        .map(letter -> nullClass != null && letter >= nullClass ? letter + 1 : letter)
        .toArray();
  }
}
