package emnist.diffusion.files;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Files and folders that are either complete or absent: written beside their final place, flushed
 * to the disk and then moved there, so that neither a failure nor a killed process nor a power cut
 * leaves half of one.
 *
 * <p>An unfinished one is called {@code .NAME.partial}; a folder that is being replaced is briefly
 * called {@code .NAME.replaced}.
 */
public final class AtomicFiles {

  private static final String PARTIAL = ".partial";
  private static final String REPLACED = ".replaced";
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
   * <p>A file of a folder that {@link #writeFolder} is writing is written in place, because it is
   * flushed and moved together with the folder.
   */
  public static void writeFile(Path file, Content content) throws IOException {
    if (isUnfinished(file.toAbsolutePath().getParent(), PARTIAL)) {
      content.write(file);
      return;
    }
    Path partial = hidden(file, "-" + UUID.randomUUID() + PARTIAL);
    try {
      content.write(partial);
      force(partial);
      Files.move(partial, file, StandardCopyOption.ATOMIC_MOVE);
      force(file.toAbsolutePath().getParent());
    } finally {
      Files.deleteIfExists(partial);
    }
  }

  /** Writes a folder, replacing one of that name once the new one is on the disk. */
  public static void writeFolder(Path folder, Content content) throws IOException {
    Path partial = hidden(folder, PARTIAL);
    restore(folder);
    deleteTree(partial);
    try {
      Files.createDirectories(partial);
      content.write(partial);
      for (Path path : tree(partial)) {
        force(path);
      }
      if (Files.exists(folder)) {
        Files.move(folder, hidden(folder, REPLACED), StandardCopyOption.ATOMIC_MOVE);
      }
      Files.move(partial, folder, StandardCopyOption.ATOMIC_MOVE);
      force(folder.toAbsolutePath().getParent());
    } finally {
      restore(folder);
      deleteTree(partial);
    }
  }

  /** Deletes a folder with everything in it; a crash leaves it complete or gone. */
  public static void deleteFolder(Path folder) throws IOException {
    restore(folder);
    if (Files.exists(folder)) {
      Path partial = hidden(folder, PARTIAL);
      deleteTree(partial);
      Files.move(folder, partial, StandardCopyOption.ATOMIC_MOVE);
      force(folder.toAbsolutePath().getParent());
      deleteTree(partial);
    }
  }

  /** Where to read a folder: its place, or where a crash left it while it was being replaced. */
  public static Path readable(Path folder) {
    Path replaced = hidden(folder, REPLACED);
    return Files.exists(folder) || !Files.exists(replaced) ? folder : replaced;
  }

  /** The names in {@code parent} that can be read; none if there is no such folder. */
  public static Set<String> names(Path parent) throws IOException {
    return children(parent).stream()
        .map(child -> isUnfinished(child, REPLACED) ? visible(child) : child)
        .map(child -> child.getFileName().toString())
        .collect(Collectors.toSet());
  }

  /** Removes from {@code parent} what a crash left unfinished; nobody may be writing there. */
  public static void removeLeftovers(Path parent) throws IOException {
    for (Path child : children(parent)) {
      if (isUnfinished(child, REPLACED)) {
        restore(visible(child));
      } else if (isUnfinished(child, PARTIAL)) {
        deleteTree(child);
      }
    }
  }

  /** The bytes that {@link #removeLeftovers} would free. */
  public static long leftoverBytes(Path parent) throws IOException {
    long bytes = 0;
    for (Path child : children(parent)) {
      bytes += isUnfinished(child, PARTIAL) ? bytes(child) : 0;
    }
    return bytes;
  }

  /** Removes what a crash of {@link #writeFile} left of this file a day ago or earlier. */
  public static void removeLeftoversOf(Path file) throws IOException {
    long yesterday = Instant.now().minus(1, ChronoUnit.DAYS).toEpochMilli();
    for (Path sibling : children(file.toAbsolutePath().getParent())) {
      String name = sibling.getFileName().toString();
      if (name.startsWith("." + file.getFileName() + "-")
          && name.endsWith(PARTIAL)
          && sibling.toFile().lastModified() < yesterday) {
        try {
          deleteTree(sibling);
        } catch (NoSuchFileException e) {
          // Another process was faster.
        }
      }
    }
  }

  /** Whether a path's name is of the form {@code .NAME.suffix}. */
  private static boolean isUnfinished(Path path, String suffix) {
    Path name = path.getFileName(); // null for the root of a drive
    return name != null && name.toString().matches("(?s)\\..+\\Q" + suffix + "\\E");
  }

  /** Rolls an interrupted replacement back, or finishes it if the new folder is in place. */
  private static void restore(Path folder) throws IOException {
    Path replaced = hidden(folder, REPLACED);
    if (Files.exists(folder)) {
      deleteTree(replaced);
    } else if (Files.exists(replaced)) {
      Files.move(replaced, folder, StandardCopyOption.ATOMIC_MOVE);
    }
  }

  private static Path hidden(Path path, String suffix) {
    return path.resolveSibling("." + path.getFileName() + suffix);
  }

  private static Path visible(Path replaced) {
    String name = replaced.getFileName().toString();
    return replaced.resolveSibling(name.substring(1, name.length() - REPLACED.length()));
  }

  /** The bytes of all files in a folder. */
  public static long bytes(Path folder) throws IOException {
    return tree(folder).stream()
        .map(Path::toFile)
        .mapToLong(path -> path.isFile() ? path.length() : 0)
        .sum();
  }

  private static void force(Path path) throws IOException {
    boolean isFolder = Files.isDirectory(path);
    if (isFolder && WINDOWS) {
      return; // it has no such call, and needs none
    }
    // Linux opens folders for reading only; Windows flushes only what may be written.
    StandardOpenOption option = isFolder ? StandardOpenOption.READ : StandardOpenOption.WRITE;
    try (FileChannel channel = FileChannel.open(path, option)) {
      channel.force(true);
    }
  }

  private static void deleteTree(Path path) throws IOException {
    for (Path each : tree(path).stream().sorted(Comparator.reverseOrder()).toList()) {
      Files.delete(each);
    }
  }

  private static List<Path> children(Path parent) throws IOException {
    return Files.isDirectory(parent) ? toList(Files.list(parent)) : List.of();
  }

  /** A path and everything below it; nothing if it is absent. */
  private static List<Path> tree(Path path) throws IOException {
    return Files.exists(path) ? toList(Files.walk(path)) : List.of();
  }

  private static List<Path> toList(Stream<Path> paths) throws IOException {
    try (paths) {
      return paths.toList();
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }
}
