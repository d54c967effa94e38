package emnist.diffusion.data;

import java.io.IOException;
import java.net.URL;
import java.nio.file.Path;

/**
 * The data set that needs no download: 1,560 training and 520 test images of capital letters
 * written by simulated hands, 28 x 28 pixels and in EMNIST's own files, on the class path.
 *
 * <p>No two images are alike. They teach a model what letters look like; scores on them say nothing
 * about scores on EMNIST. {@code src/extras} has the hands that wrote them.
 */
public final class BuiltInLetters {

  private BuiltInLetters() {}

  /**
   * Opens the training or the test images.
   *
   * @throws IOException if the class path has lost a file of them
   */
  public static EmnistDataset open(boolean train) throws IOException {
    String images = EmnistSplit.LETTERS.imagesFile(train);
    return EmnistDataset.fromIdx(
            file(images),
            file(EmnistFolder.labelsOf(images)),
            EmnistDataset.Orientation.TRANSPOSED,
            EmnistSplit.LETTERS.mapping())
        .withSource("built-in letters, " + EmnistSplit.part(train));
  }

  private static DataFile file(String name) throws IOException {
    URL file = BuiltInLetters.class.getResource("built-in-letters/%s.gz".formatted(name));
    if (file == null) {
      throw new IOException(
          "Expected the built-in letters on the class path, found none. Build the project again.");
    }
    return new DataFile(Path.of(name), file.toString(), Integer.MAX_VALUE, file::openStream);
  }
}
