package emnist.diffusion.extras.data;

import emnist.diffusion.data.EmnistDataset;
import emnist.diffusion.data.EmnistSplit;
import emnist.diffusion.data.Idx;
import emnist.diffusion.files.AtomicFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Writes letters in the files of EMNIST's letters split, which {@link EmnistDataset} opens. */
public final class LettersFolder {

  /** Rows and columns of an image. */
  public static final int SIDE = 28;

  private static final int PIXELS = SIDE * SIDE;
  private static final EmnistSplit SPLIT = EmnistSplit.LETTERS;
  private static final String CARD_FILE = "dataset.json";

  private static final String CARD =
      """
      {
        "name": "%s",
        "trainCount": %s,
        "testCount": %s
      }
      """;

  /**
   * An upright image of a letter.
   *
   * @param letter 0 is A
   * @param pixels {@code (28, 28)} bytes row by row; ink is 255
   */
  public record Letter(int letter, byte[] pixels) {}

  private LettersFolder() {}

  /**
   * Writes training and test letters, with their counts in a {@code dataset.json}; the folder
   * appears with all its files at once.
   *
   * @param folder where to write; replaced if it holds such a set
   * @param name what the letters are, for people
   * @throws IllegalArgumentException if there is something else
   */
  public static void write(Path folder, String name, List<Letter> train, List<Letter> test)
      throws IOException {
    if (Files.exists(folder) && !Files.isRegularFile(folder.resolve(CARD_FILE))) {
      throw new IllegalArgumentException(
          "Expected no folder %s or one with a %s, found something else. Choose another folder."
              .formatted(folder, CARD_FILE));
    }
    AtomicFiles.writeFolder(
        folder,
        partial -> {
          write(partial, "train", train);
          write(partial, "test", test);
          Files.writeString(
              partial.resolve(CARD_FILE), CARD.formatted(name, train.size(), test.size()));
        });
  }

  private static void write(Path folder, String part, List<Letter> letters) throws IOException {
    byte[] pixels = new byte[Math.multiplyExact(letters.size(), PIXELS)];
    byte[] labels = new byte[letters.size()];
    for (int i = 0; i < labels.length; i++) {
      labels[i] = (byte) (SPLIT.mapping().firstLabel() + letters.get(i).letter());
      byte[] image = letters.get(i).pixels();
      for (int pixel = 0; pixel < PIXELS; pixel++) {
        // EMNIST's files hold an image column after column.
        pixels[i * PIXELS + pixel % SIDE * SIDE + pixel / SIDE] = image[pixel];
      }
    }
    String file = "emnist-letters-%s-%s.gz";
    IdxWriter.writeImages(
        folder.resolve(file.formatted(part, "images-idx3-ubyte")),
        new Idx.Images(labels.length, SIDE, SIDE, pixels));
    IdxWriter.writeLabels(folder.resolve(file.formatted(part, "labels-idx1-ubyte")), labels);
  }
}
