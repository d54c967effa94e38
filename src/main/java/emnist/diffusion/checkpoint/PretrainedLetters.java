package emnist.diffusion.checkpoint;

import emnist.diffusion.files.AtomicFiles;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * The network in the box: a pipeline's folder on the class path, trained on NIST's handwritten
 * capitals. Its {@code README.md} says how, and how good it is.
 */
public final class PretrainedLetters {

  private static final String CARD = "README.md";

  private static final List<String> FILES =
      List.of(
          CARD,
          PretrainedModel.INDEX,
          PretrainedModel.SCHEDULER,
          PretrainedModel.UNET + "/" + PretrainedModel.CONFIG,
          PretrainedModel.UNET + "/" + PretrainedModel.WEIGHTS);

  private static final Set<String> NAMES =
      Set.of(CARD, PretrainedModel.INDEX, PretrainedModel.UNET, "scheduler");

  private PretrainedLetters() {}

  /**
   * Copies the network into a folder; one that has its files is left as it is.
   *
   * @param folder a new or an empty folder, or an older copy, which is replaced
   * @return the folder
   * @throws IllegalArgumentException if there is something else in it; it is then left alone
   * @throws IOException if the class path has lost a file, or the folder cannot be written
   */
  public static Path copyTo(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      add(folder);
    } else if (!isCopy(folder)) {
      PretrainedModel.requireReplaceable(folder, found -> found.isEmpty() || found.equals(NAMES));
      AtomicFiles.writeFolder(folder, PretrainedLetters::write);
    }
    return folder;
  }

  private static void add(Path folder) throws IOException {
    try {
      AtomicFiles.addFolder(folder, PretrainedLetters::write);
    } catch (IOException e) {
      // Another process may have made the same copy meanwhile.
      if (!isCopy(folder)) {
        throw e;
      }
    }
  }

  private static boolean isCopy(Path folder) throws IOException {
    for (String name : FILES) {
      Path file = folder.resolve(name);
      if (!Files.isRegularFile(file) || !Arrays.equals(Files.readAllBytes(file), read(name))) {
        return false;
      }
    }
    return true;
  }

  private static void write(Path folder) throws IOException {
    for (String name : FILES) {
      Files.createDirectories(folder.resolve(name).getParent());
      Files.write(folder.resolve(name), read(name));
    }
  }

  private static byte[] read(String name) throws IOException {
    try (InputStream in = PretrainedLetters.class.getResourceAsStream("pretrained/" + name)) {
      if (in == null) {
        throw new IOException(
            "Expected the pretrained letters on the class path, found no %s. Build the project again."
                .formatted(name));
      }
      return in.readAllBytes();
    }
  }
}
