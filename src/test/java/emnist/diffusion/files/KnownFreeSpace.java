package emnist.diffusion.files;

import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** For tests of a disk that is too small, which need to know how small. */
public final class KnownFreeSpace {

  private KnownFreeSpace() {}

  /** The free bytes of a folder's disk; skips the test where Java cannot tell, as in a chroot. */
  public static long assume(Path folder) {
    try {
      return Files.getFileStore(folder).getUsableSpace();
    } catch (IOException e) {
      return abort("The free space is unknown here: " + e.getMessage());
    }
  }
}
