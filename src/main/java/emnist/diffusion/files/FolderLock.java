package emnist.diffusion.files;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The right to write into a folder, held by one at a time: a lock of the operating system on a file
 * {@code .lock}, which ends with the process however that ends. The file stays, and says who took
 * it last.
 */
public final class FolderLock implements AutoCloseable {

  private static final String FILE = ".lock";

  /** Far behind the text, for Windows lets nobody read what is locked. */
  private static final long LOCKED_BYTE = 1L << 62;

  /** POSIX drops a process's lock when the process closes the file anywhere: so ask here first. */
  private static final Set<Path> HELD_HERE = ConcurrentHashMap.newKeySet();

  private final Path folder;
  private final FileChannel channel;

  private FolderLock(Path folder, FileChannel channel) {
    this.folder = folder;
    this.channel = channel;
  }

  /**
   * Takes the lock of a folder, which is made if it is missing.
   *
   * @throws IllegalStateException if another holds it, in this process or in another
   */
  public static FolderLock take(Path folder) throws IOException {
    Files.createDirectories(folder);
    Path real = folder.toRealPath();
    if (!HELD_HERE.add(real)) {
      throw taken(folder, "this very program");
    }
    FileChannel channel = null;
    try {
      Path file = real.resolve(FILE);
      channel =
          FileChannel.open(
              file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
      FileLock lock = channel.tryLock(LOCKED_BYTE, 1, false);
      if (lock == null) {
        throw taken(folder, Files.readString(file).strip());
      }
      String holder =
          "process %d since %s\n"
              .formatted(
                  ProcessHandle.current().pid(), Instant.now().truncatedTo(ChronoUnit.SECONDS));
      channel.truncate(0).write(ByteBuffer.wrap(holder.getBytes(StandardCharsets.UTF_8)));
      return new FolderLock(real, channel);
    } catch (IOException | RuntimeException e) {
      giveBack(channel, real);
      throw e;
    }
  }

  private static IllegalStateException taken(Path folder, String holder) {
    return new IllegalStateException(
        "Expected to be the only one that trains into %s, found %s there. Wait for its end, stop it, or choose another folder."
            .formatted(folder, holder));
  }

  /** Gives the lock back. */
  @Override
  public void close() throws IOException {
    giveBack(channel, folder);
  }

  private static void giveBack(FileChannel channel, Path real) throws IOException {
    try {
      if (channel != null) {
        channel.close();
      }
    } finally {
      HELD_HERE.remove(real);
    }
  }
}
