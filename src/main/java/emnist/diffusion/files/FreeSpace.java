package emnist.diffusion.files;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Whether something to be written fits on the disk. */
public final class FreeSpace {

  private static final Logger LOG = LoggerFactory.getLogger(FreeSpace.class);
  private static final AtomicBoolean WARNED = new AtomicBoolean();
  private static final long MB = 1_000_000;

  private FreeSpace() {}

  /**
   * Checks the disk of a folder, which need not exist yet. A disk whose free space is unknown
   * passes.
   *
   * @throws IOException if {@code bytes} more do not fit
   */
  public static void require(Path folder, long bytes) throws IOException {
    long usable = usable(folder.toAbsolutePath());
    if (usable < bytes) { // rounded up and down, so that the two numbers differ
      throw new IOException(
          "Expected %s MB of free space for %s, found %s MB. Make room or name another folder."
              .formatted((bytes - 1) / MB + 1, folder, usable / MB));
    }
  }

  /** The free bytes; {@link Long#MAX_VALUE} if they cannot be learned: then writing will tell. */
  private static long usable(Path folder) {
    try {
      Path existing = folder;
      while (existing != null && !Files.exists(existing)) {
        existing = existing.getParent(); // null for the root of a missing drive
      }
      long usable = existing == null ? -1 : Files.getFileStore(existing).getUsableSpace();
      return usable < 0 ? Long.MAX_VALUE : usable;
    } catch (IOException | RuntimeException e) {
      if (!WARNED.getAndSet(true)) {
        LOG.warn(
            "The free space for {} is unknown, so it is not checked: {}", folder, e.toString());
      }
      return Long.MAX_VALUE;
    }
  }
}
