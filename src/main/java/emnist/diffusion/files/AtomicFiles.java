package emnist.diffusion.files;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;
import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Files and folders that are either complete or absent: written beside their final place, flushed
 * to the disk and then moved there, so that neither a failure nor a killed process nor a power cut
 * leaves half of one. The folders above them, made where missing, are flushed as well.
 *
 * <p>An unfinished one is called {@code .NAME-ID.partial} with a random ID; a folder that is being
 * replaced is briefly called {@code .NAME.replaced}. An {@link IOException} is one sentence that
 * names the file.
 */
public final class AtomicFiles {

  private static final Logger LOG = LoggerFactory.getLogger(AtomicFiles.class);
  private static final Pattern PARTIAL = Pattern.compile("(?s)\\.(.+)-[0-9a-f]{32}\\.partial");
  private static final Pattern REPLACED = Pattern.compile("(?s)\\.(.+)\\.replaced");
  private static final boolean WINDOWS = System.getProperty("os.name").startsWith("Windows");

  /** Writes a complete file, or all files of an empty folder; they are flushed once it returns. */
  @FunctionalInterface
  public interface Content {
    void write(Path path) throws IOException;
  }

  private AtomicFiles() {}

  /**
   * Writes a file, replacing one of that name; any number of processes may do so at once.
   *
   * @throws IOException if it cannot be written; what was there before stays
   */
  public static void writeFile(Path file, Content content) throws IOException {
    if (Files.exists(file) && !Files.isRegularFile(file)) {
      throw inTheWay("a file", file);
    }
    removeLeftoversOf(file, yesterday());
    Path partial = partial(file);
    try {
      createFolders(parent(file));
      content.write(partial);
      force(partial);
      Files.move(partial, file, ATOMIC_MOVE);
      force(parent(file));
    } catch (IOException e) {
      throw failure(file, partial, e);
    } finally {
      clear(partial, Instant.MAX);
    }
  }

  /**
   * Writes a folder, replacing one of that name once the new one is on the disk.
   *
   * @throws IOException as {@link #writeFile}
   */
  public static void writeFolder(Path folder, Content content) throws IOException {
    writeFolder(folder, content, true);
  }

  /**
   * Writes a folder that is not there yet; any number of processes may do so at once.
   *
   * @throws IOException as {@link #writeFile}, or if another process was faster, whose folder stays
   */
  public static void addFolder(Path folder, Content content) throws IOException {
    writeFolder(folder, content, false);
  }

  private static void writeFolder(Path folder, Content content, boolean mayReplace)
      throws IOException {
    restore(folder);
    requireReplaceable(folder);
    removeLeftoversOf(folder, yesterday());
    Path partial = partial(folder);
    boolean isWritten = false;
    try {
      createFolders(partial);
      content.write(partial);
      for (Path path : FileTree.of(partial)) {
        force(path);
      }
      if (mayReplace && Files.exists(folder)) {
        Files.move(folder, replaced(folder), ATOMIC_MOVE);
      }
      Files.move(partial, folder, ATOMIC_MOVE);
      force(parent(folder));
      isWritten = true;
    } catch (IOException e) {
      throw failure(folder, partial, e);
    } finally {
      if (isWritten || !Files.exists(folder)) {
        restore(folder);
      } // else both stay: the new one may not be on the disk
      clear(partial, Instant.MAX);
    }
  }

  /** Deletes a folder with everything in it; a crash leaves it complete or gone. */
  public static void deleteFolder(Path folder) throws IOException {
    restore(folder);
    if (Files.isDirectory(folder)) {
      Path partial = partial(folder);
      Files.move(folder, partial, ATOMIC_MOVE);
      force(parent(folder));
      FileTree.delete(partial);
    }
  }

  /**
   * Creates a folder and those above it where missing; a power cut leaves all of them.
   *
   * @throws IOException as {@link #requireFolder}, or if it cannot be created
   */
  public static void createFolders(Path folder) throws IOException {
    List<Path> missing = requireFolder(folder);
    try {
      Files.createDirectories(folder);
      for (Path path : missing) {
        force(parent(path));
      }
    } catch (IOException e) {
      throw failure(folder, folder, e);
    }
  }

  /**
   * Refuses the place of a folder where something else is, such as a file or a link to nowhere.
   *
   * @return the folder and those above it, as far as they are missing
   */
  public static List<Path> requireFolder(Path folder) throws IOException {
    List<Path> missing = new ArrayList<>();
    for (Path path = folder.toAbsolutePath();
        path != null && !Files.isDirectory(path);
        path = path.getParent()) {
      if (Files.exists(path, NOFOLLOW_LINKS)) {
        throw inTheWay("a folder", path);
      }
      missing.add(path);
    }
    return missing;
  }

  /** Where to read a folder: its place, or where a crash left it while it was being replaced. */
  public static Path readable(Path folder) {
    Path replaced = replaced(folder);
    return Files.exists(folder) || !Files.isDirectory(replaced) ? folder : replaced;
  }

  /** The names in {@code parent} that can be read; none if there is no such folder. */
  public static Set<String> names(Path parent) throws IOException {
    return FileTree.children(parent).stream()
        .map(child -> child.getFileName().toString())
        .map(name -> REPLACED.matcher(name).replaceFirst("$1"))
        .collect(Collectors.toSet());
  }

  /** Rolls an interrupted replacement of a folder back, or finishes it if the new one is there. */
  public static void restore(Path folder) throws IOException {
    Path replaced = replaced(folder);
    if (Files.isDirectory(replaced)) {
      if (Files.exists(folder, NOFOLLOW_LINKS)) {
        clear(replaced, Instant.MAX);
      } else {
        Files.move(replaced, folder, ATOMIC_MOVE);
      }
    }
  }

  /** Refuses what stands in the way of a folder to be written, and of the one it replaces. */
  public static void requireReplaceable(Path folder) throws IOException {
    requireFolder(folder);
    if (Files.exists(replaced(folder), NOFOLLOW_LINKS)) {
      throw inTheWay("nothing", replaced(folder));
    }
  }

  private static IOException inTheWay(String expected, Path path) {
    return new IOException(
        "Expected %s at %s, found something else. Move it away, or choose another place."
            .formatted(expected, path));
  }

  /** Removes all that a crash left unfinished in {@code parent}; nobody may be writing there. */
  public static void removeLeftovers(Path parent) throws IOException {
    removeLeftovers(parent, name -> true, Instant.MAX);
  }

  /**
   * Removes all that was left or is being written of this file or folder, which is complete:
   * whoever writes it again fails, and may read it instead.
   */
  public static void removeLeftoversOf(Path path) throws IOException {
    removeLeftoversOf(path, Instant.MAX);
  }

  private static void removeLeftoversOf(Path path, Instant until) throws IOException {
    removeLeftovers(parent(path), path.getFileName().toString()::equals, until);
  }

  private static Instant yesterday() {
    return Instant.now().minus(1, ChronoUnit.DAYS);
  }

  private static void removeLeftovers(Path parent, Predicate<String> isWanted, Instant until)
      throws IOException {
    for (Path child : FileTree.children(parent)) {
      Matcher matcher = PARTIAL.matcher(child.getFileName().toString());
      if (matcher.matches() && isWanted.test(matcher.group(1))) {
        clear(child, until);
      }
    }
  }

  /** Deletes what is of no use any more unless it is too young; a failure is a warning. */
  private static void clear(Path path, Instant until) {
    try {
      if (!Files.getLastModifiedTime(path, NOFOLLOW_LINKS).toInstant().isAfter(until)) {
        FileTree.delete(path);
      }
    } catch (NoSuchFileException e) {
      // Deleted meanwhile.
    } catch (IOException e) {
      LOG.warn("Leaving {}: {}", path, e.toString());
    }
  }

  /** Flushes a file or a folder to the disk. */
  private static void force(Path path) throws IOException {
    boolean isFolder = Files.isDirectory(path);
    if (isFolder && WINDOWS) {
      return; // it has no such call, and needs none
    }
    // Linux opens folders for reading only; Windows flushes only what may be written.
    StandardOpenOption option = isFolder ? StandardOpenOption.READ : StandardOpenOption.WRITE;
    try (FileChannel channel = FileChannel.open(path, option)) {
      channel.force(true);
    } catch (IOException e) {
      throw failure(path, path, e);
    }
  }

  /**
   * What to throw where writing fails, because the operating system's words do not always name it.
   *
   * @param path the final name of what is written under the name {@code hidden}
   * @return an exception with one sentence; {@code e} itself if the thread was interrupted
   */
  public static IOException failure(Path path, Path hidden, IOException e) {
    if (e instanceof ClosedByInterruptException) {
      return e;
    }
    String found = e instanceof FileSystemException ? e.toString() : String.valueOf(e.getMessage());
    String message =
        found.startsWith("Expected ")
            ? found
            : "Expected to write %s, found %s. Check the disk and the permissions, then try again."
                .formatted(path, found);
    return new IOException(message.replace(hidden.toString(), path.toString()), e);
  }

  private static Path partial(Path path) {
    String id = UUID.randomUUID().toString().replace("-", "");
    return path.resolveSibling(".%s-%s.partial".formatted(path.getFileName(), id));
  }

  private static Path replaced(Path folder) {
    return folder.resolveSibling("." + folder.getFileName() + ".replaced");
  }

  private static Path parent(Path path) {
    return path.toAbsolutePath().getParent();
  }
}
