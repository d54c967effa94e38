package emnist.diffusion.files;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Whether what is to be written will fit. */
public final class FreeSpace {

  private static final long MB = 1_000_000;

  private FreeSpace() {}

  /**
   * Checks the disk of a folder, which need not exist yet.
   *
   * @param bytes that are to be written
   * @throws IOException if they do not fit
   */
  public static void require(Path folder, long bytes) throws IOException {
    Path existing = folder.toAbsolutePath();
    while (!Files.exists(existing)) {
      existing = existing.getParent();
    }
    long usable = Files.getFileStore(existing).getUsableSpace();
    if (usable < bytes) {
      throw new IOException(
          "Expected %d MB of free space for %s, found %d MB. Make room or name another folder."
              .formatted(bytes / MB, folder, usable / MB));
    }
  }
}
