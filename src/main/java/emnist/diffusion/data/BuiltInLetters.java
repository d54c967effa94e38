package emnist.diffusion.data;

import java.io.IOException;
import java.net.JarURLConnection;
import java.net.URI;
import java.net.URL;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Path;

/**
 * The data set that needs no download: 1,040 training and 520 test images of capital letters
 * written by simulated hands, 28 x 28 pixels and in EMNIST's own files, on the class path.
 *
 * <p>No two images are alike. They teach a model what letters look like; scores on them say nothing
 * about scores on EMNIST. {@code src/extras} has the hands that wrote them.
 */
public final class BuiltInLetters {

  private static final String CARD = "built-in-letters/" + EmnistFolder.CARD;

  private BuiltInLetters() {}

  /**
   * Opens the training or the test images.
   *
   * @throws IOException if the class path has lost a file of them
   */
  public static EmnistDataset open(boolean train) throws IOException {
    URL card = BuiltInLetters.class.getResource(CARD);
    if (card == null) {
      throw new IOException(
          "Expected the built-in letters on the class path, found none. Build the project again.");
    }
    if (card.openConnection() instanceof JarURLConnection connection) {
      Path file = Path.of(URI.create(connection.getJarFileURL().toString()));
      try (FileSystem jar = FileSystems.newFileSystem(file)) {
        return open(jar.getPath(connection.getEntryName()), train);
      }
    }
    return open(Path.of(URI.create(card.toString())), train);
  }

  private static EmnistDataset open(Path card, boolean train) throws IOException {
    return EmnistDataset.open(card.getParent(), EmnistSplit.LETTERS, train)
        .withSource("built-in letters, " + EmnistSplit.part(train));
  }
}
