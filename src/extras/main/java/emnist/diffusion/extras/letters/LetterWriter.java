package emnist.diffusion.extras.letters;

import emnist.diffusion.data.EmnistSplit;
import emnist.diffusion.data.Idx;
import emnist.diffusion.extras.data.IdxWriter;
import emnist.diffusion.files.AtomicFiles;
import emnist.diffusion.random.CounterRandom;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Writes capital letters of simulated hands, in the files of EMNIST's letters split. {@code
 * write(folder, 40, 20, 1)} made the built-in letters.
 *
 * <p>Every image is a function of (seed, part, index).
 */
public final class LetterWriter {

  private static final int MAX_PER_LETTER = 100_000;

  private static final EmnistSplit SPLIT = EmnistSplit.LETTERS;

  private static final int SIDE = Handwriting.SIDE;

  private static final String CARD_FILE = "dataset.json";

  private static final String CARD =
      """
      {
        "name": "letters of simulated hands (seed %s, %s training and %s test images a letter)",
        "trainCount": %s,
        "testCount": %s
      }
      """;

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
    if (Files.exists(folder) && !Files.isRegularFile(folder.resolve(CARD_FILE))) {
      throw new IllegalArgumentException(
          "Expected no folder %s or one with a %s, found something else. Choose another folder."
              .formatted(folder, CARD_FILE));
    }
    int trainCount = trainPerLetter * SPLIT.classCount();
    int testCount = testPerLetter * SPLIT.classCount();
    AtomicFiles.writeFolder(
        folder,
        partial -> {
          writePart(partial, "train", trainCount, 0, seed);
          writePart(partial, "test", testCount, 1, seed);
          Files.writeString(
              partial.resolve(CARD_FILE),
              CARD.formatted(seed, trainPerLetter, testPerLetter, trainCount, testCount));
        });
  }

  private static void requirePerLetter(String part, int perLetter) {
    if (perLetter < 1 || perLetter > MAX_PER_LETTER) {
      throw new IllegalArgumentException(
          "Expected 1 to %s %s images a letter, found %s. Pass a number in this range."
              .formatted(MAX_PER_LETTER, part, perLetter));
    }
  }

  private static void writePart(Path folder, String name, int count, int part, long seed)
      throws IOException {
    byte[] pixels = new byte[count * SIDE * SIDE];
    byte[] labels = new byte[count];
    for (int i = 0; i < count; i++) {
      int letter = i % SPLIT.classCount();
      labels[i] = (byte) (SPLIT.mapping().firstLabel() + letter);
      byte[] image = new Handwriting(new CounterRandom(seed, part, i)).write(letter);
      for (int pixel = 0; pixel < image.length; pixel++) {
        // EMNIST's files hold an image column after column.
        pixels[i * image.length + pixel % SIDE * SIDE + pixel / SIDE] = image[pixel];
      }
    }
    String file = "emnist-letters-%s-%s.gz";
    IdxWriter.writeImages(
        folder.resolve(file.formatted(name, "images-idx3-ubyte")),
        new Idx.Images(count, SIDE, SIDE, pixels));
    IdxWriter.writeLabels(folder.resolve(file.formatted(name, "labels-idx1-ubyte")), labels);
  }
}
