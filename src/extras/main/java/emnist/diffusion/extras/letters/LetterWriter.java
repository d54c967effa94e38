package emnist.diffusion.extras.letters;

import emnist.diffusion.data.EmnistSplit;
import emnist.diffusion.extras.data.LettersFolder;
import emnist.diffusion.extras.data.LettersFolder.Letter;
import emnist.diffusion.random.CounterRandom;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Writes capital letters of simulated hands, in the files of EMNIST's letters split. {@code
 * write(folder, 60, 20, 1)} made the built-in letters.
 *
 * <p>Every image is a function of (seed, part, index).
 */
public final class LetterWriter {

  private static final int MAX_PER_LETTER = 100_000;
  private static final int LETTERS = EmnistSplit.LETTERS.classCount();

  private LetterWriter() {}

  /**
   * Writes a set with its counts in a {@code dataset.json}; the folder appears with all its files
   * at once.
   *
   * @param folder where to write; replaced if it holds such a set
   * @throws IllegalArgumentException if a number is not between 1 and 100,000, or there is
   *     something else
   */
  public static void write(Path folder, int trainPerLetter, int testPerLetter, long seed)
      throws IOException {
    requirePerLetter("training", trainPerLetter);
    requirePerLetter("test", testPerLetter);
    String name =
        "letters of simulated hands (seed %s, %s training and %s test images a letter)"
            .formatted(seed, trainPerLetter, testPerLetter);
    LettersFolder.write(
        folder, name, letters(trainPerLetter, 0, seed), letters(testPerLetter, 1, seed));
  }

  private static void requirePerLetter(String part, int perLetter) {
    if (perLetter < 1 || perLetter > MAX_PER_LETTER) {
      throw new IllegalArgumentException(
          "Expected 1 to %s %s images a letter, found %s. Pass a number in this range."
              .formatted(MAX_PER_LETTER, part, perLetter));
    }
  }

  private static List<Letter> letters(int perLetter, int part, long seed) {
    return IntStream.range(0, perLetter * LETTERS)
        .mapToObj(i -> letter(i % LETTERS, new CounterRandom(seed, part, i)))
        .toList();
  }

  private static Letter letter(int letter, CounterRandom random) {
    return new Letter(letter, new Handwriting(random).write(letter));
  }
}
