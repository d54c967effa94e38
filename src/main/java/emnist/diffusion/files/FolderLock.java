package emnist.diffusion.files;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.nio.file.LinkOption.NOFOLLOW_LINKS;
import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The right to write into a folder, held by one at a time: an operating system's lock on a file
 * {@code .lock}, which ends with the process, however that ends. The file stays and says who took
 * the lock last.
 */
public final class FolderLock implements AutoCloseable {

  private static final String FILE = ".lock";

  private static final Logger LOG = LoggerFactory.getLogger(FolderLock.class);
  private static final Pattern HOLDER = Pattern.compile("process (\\d{1,18}) since \\S+");

  /**
   * What the file may contain: the holder, with a rest of a longer one, or what a power cut leaves.
   */
  private static final Pattern CONTENT = Pattern.compile("(?s)\\x00*|process \\d.{0,100}");

  private static final int LOOKS = 20;

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
   * @throws IOException if the folder or the file cannot be made, or {@code .lock} is something
   *     else, which is then left as it is
   */
  public static FolderLock take(Path folder, String use) throws IOException {
    AtomicFiles.createFolders(folder);
    Path real = folder.toRealPath();
    if (!HELD_HERE.add(real)) {
      throw taken(
          folder,
          use,
          "in this process, perhaps of an interrupted cell that is still saving",
          "Wait until it has saved, then run the cell again.");
    }
    FolderLock lock = new FolderLock(real);
    Path file = real.resolve(FILE);
    try {
      requireOwn(file);
      lock.channel = FileChannel.open(file, CREATE, READ, WRITE, NOFOLLOW_LINKS);
      if (!lock.isTaken()) {
        throw taken(
            folder,
            use,
            "by " + holder(file),
            "Wait until it ends, stop it, or choose another folder.");
      }
      long process = ProcessHandle.current().pid();
      Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);
      byte[] holder = "process %s since %s\n".formatted(process, now).getBytes(UTF_8);
      lock.channel.write(ByteBuffer.wrap(holder), 0);
      lock.channel.truncate(holder.length); // afterwards, so that the file is never empty
      return lock;
    } catch (IOException e) {
      lock.close();
      throw AtomicFiles.failure(file, file, e);
    } catch (RuntimeException e) {
      lock.close();
      throw e;
    }
  }

  /** Refuses what this class has not written, such as a link, and must not overwrite. */
  private static void requireOwn(Path file) throws IOException {
    boolean isOwn =
        Files.isRegularFile(file, NOFOLLOW_LINKS)
            ? Files.size(file) < 200
                && CONTENT.matcher(Files.readString(file, ISO_8859_1)).matches()
            : !Files.exists(file, NOFOLLOW_LINKS);
    if (!isOwn) {
      throw new IOException(
          "Expected a file of this program at %s, found something else. Move it away, or choose another folder."
              .formatted(file));
    }
  }

  /** Takes the operating system's lock; a file system without any is a warning. */
  private boolean isTaken() throws IOException {
    try {
      return channel.tryLock(LOCKED_BYTE, 1, false) != null;
    } catch (ClosedByInterruptException e) {
      throw e;
    } catch (IOException e) {
      LOG.warn("{} cannot be locked ({}). Use it once at a time.", folder, e.getMessage());
      return true;
    }
  }

  /** Says who holds the lock, once that process has had a second to write it down. */
  private static String holder(Path file) throws IOException {
    for (int look = 1; ; look++) {
      Matcher holder = HOLDER.matcher(Files.readString(file, ISO_8859_1));
      boolean isThere = holder.lookingAt();
      if (look > LOOKS
          || isThere && ProcessHandle.of(Long.parseLong(holder.group(1))).isPresent()) {
        return isThere ? holder.group() : "a process";
      }
      LockSupport.parkNanos(1_000_000_000 / LOOKS);
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
