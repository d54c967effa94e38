package emnist.diffusion.files;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The right to write into a folder, held by one at a time: an operating system's lock on a file
 * {@code .lock}, which ends with the process, however that ends. The file stays and says who took
 * the lock last.
 */
public final class FolderLock implements AutoCloseable {

  private static final String FILE = ".lock";

  /** A byte past the text: on Windows a locked range cannot be read. */
  private static final long LOCKED_BYTE = 1L << 62;

  /** POSIX drops a process's lock when it closes the file anywhere, so look here before opening. */
  private static final Set<Path> HELD_HERE = ConcurrentHashMap.newKeySet();

  private final Path folder;
  private FileChannel channel;

  private FolderLock(Path folder) {
    this.folder = folder;
  }

  /**
   * Takes the lock of a folder, which is created if missing.
   *
   * @param use what the folder is locked for, a noun such as {@code "training"}
   * @throws IllegalStateException if it is held already, by this process or another
   */
  public static FolderLock take(Path folder, String use) throws IOException {
    Path real = Files.createDirectories(folder).toRealPath();
    if (!HELD_HERE.add(real)) {
      throw taken(
          folder,
          use,
          "in this process, perhaps of an interrupted cell that is still saving",
          "Wait until it has saved, then run the cell again.");
    }
    FolderLock lock = new FolderLock(real);
    try {
      lock.channel = FileChannel.open(real.resolve(FILE), CREATE, READ, WRITE);
      if (lock.channel.tryLock(LOCKED_BYTE, 1, false) == null) {
        throw taken(
            folder,
            use,
            "by " + Files.readString(real.resolve(FILE)).strip(),
            "Wait until it ends, stop it, or choose another folder.");
      }
      long process = ProcessHandle.current().pid();
      Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);
      byte[] holder = "process %s since %s\n".formatted(process, now).getBytes(UTF_8);
      lock.channel.truncate(0).write(ByteBuffer.wrap(holder));
      return lock;
    } catch (IOException | RuntimeException e) {
      lock.close();
      throw e;
    }
  }

  private static IllegalStateException taken(
      Path folder, String use, String holder, String advice) {
    return new IllegalStateException(
        "Expected no other %s in %s, found one %s. %s".formatted(use, folder, holder, advice));
  }

  @Override
  public void close() throws IOException {
    try {
      if (channel != null) {
        channel.close();
      }
    } finally {
      HELD_HERE.remove(folder);
    }
  }
}
