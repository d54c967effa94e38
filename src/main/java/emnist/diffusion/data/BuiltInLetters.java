package emnist.diffusion.data;

import emnist.diffusion.files.AtomicFiles;
import emnist.diffusion.letters.Handwriting;
import emnist.diffusion.random.CounterRandom;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The data set that needs no download: capital letters written by simulated hands, 28 x 28 pixels
 * and in EMNIST's own file format, so that everything runs without EMNIST.
 *
 * <p>Every image is a function of (seed, part, index) and no two are alike. They teach a model what
 * letters look like; scores on them say nothing about scores on EMNIST.
 */
public final class BuiltInLetters {

  /** Training images of each letter in the default set. */
  public static final int TRAIN_PER_LETTER = 40;

  /** Test images of each letter in the default set. */
  public static final int TEST_PER_LETTER = 20;

  private static final long DEFAULT_SEED = 1;

  // Raise it with every change to the images: older sets are then replaced by new ones.
  private static final int VERSION = 1;

  private static final int MAX_PER_LETTER = 100_000;

  private static final EmnistSplit SPLIT = EmnistSplit.LETTERS;

  private BuiltInLetters() {}

  /**
   * Opens the default set, writing it into a subfolder first if that does not exist yet.
   *
   * @param cacheFolder folder for data that can be generated again; created if missing
   */
  public static EmnistDataset openOrCreate(Path cacheFolder, boolean train) throws IOException {
    Path folder = cacheFolder.resolve("built-in-letters-" + VERSION);
    write(folder, TRAIN_PER_LETTER, TEST_PER_LETTER, DEFAULT_SEED);
    return EmnistDataset.open(folder, SPLIT, train);
  }

  /**
   * Writes a set as EMNIST's letters split, with its counts in a {@link DatasetCard}; does nothing
   * if the folder already holds it. The folder appears with all its files at once, and any number
   * of processes may write it at once.
   *
   * @throws IllegalArgumentException if a number is not between 1 and 100,000, or the folder exists
   *     and holds anything else
   */
  public static void write(Path folder, int trainPerLetter, int testPerLetter, long seed)
      throws IOException {
    requirePerLetter("training", trainPerLetter);
    requirePerLetter("test", testPerLetter);
    DatasetCard card =
        new DatasetCard(
            "built-in letters %d (seed %d, %d training and %d test images a letter)"
                .formatted(VERSION, seed, trainPerLetter, testPerLetter),
            trainPerLetter * SPLIT.classCount(),
            testPerLetter * SPLIT.classCount());
    if (!Files.exists(folder)) {
      AtomicFiles.removeLeftoversOf(folder);
      AtomicFiles.createFolder(
          folder,
          partial -> {
            Files.writeString(partial.resolve(SPLIT.mappingFile()), SPLIT.mapping().toText());
            writePart(partial, card.trainCount(), true, seed);
            writePart(partial, card.testCount(), false, seed);
            card.write(partial);
          });
    }
    Optional<DatasetCard> found = DatasetCard.read(folder);
    if (!found.equals(Optional.of(card))) {
      throw new IllegalArgumentException(
          "Expected %s or nothing in %s, found %s. Name another folder or remove this one."
              .formatted(
                  card.name(), folder, found.map(DatasetCard::name).orElse("something else")));
    }
  }

  private static void requirePerLetter(String part, int perLetter) {
    if (perLetter < 1 || perLetter > MAX_PER_LETTER) {
      throw new IllegalArgumentException(
          "Expected 1 to %d %s images a letter, found %d. Pass a number in this range."
              .formatted(MAX_PER_LETTER, part, perLetter));
    }
  }

  private static void writePart(Path folder, int count, boolean train, long seed)
      throws IOException {
    int pixelsPerImage = Handwriting.SIDE * Handwriting.SIDE;
    byte[] pixels = new byte[count * pixelsPerImage];
    byte[] labels = new byte[count];
    for (int i = 0; i < count; i++) {
      int letter = i % SPLIT.classCount();
      labels[i] = (byte) (SPLIT.mapping().firstLabel() + letter);
      byte[] image = new Handwriting(new CounterRandom(seed, train ? 0 : 1, i)).write(letter);
      System.arraycopy(image, 0, pixels, i * pixelsPerImage, pixelsPerImage);
    }
    IdxImages upright = new IdxImages(count, Handwriting.SIDE, Handwriting.SIDE, pixels);
    Idx.writeImages(
        folder.resolve(SPLIT.imagesFile(train) + ".gz"), EmnistDataset.transposed(upright));
    Idx.writeLabels(folder.resolve(SPLIT.labelsFile(train) + ".gz"), labels);
  }
}
