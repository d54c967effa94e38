package emnist.diffusion.files;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Files and folders that are complete or absent: written beside their final place, flushed to the
 * disk and then moved there, so that neither a failure nor a killed process nor a power cut leaves
 * half of one.
 *
 * <p>What is unfinished is called {@code .NAME.partial}; a folder that is being replaced is for a
 * moment called {@code .NAME.replaced}.
 */
public final class Durable {

  private static final String PARTIAL = ".partial";
  private static final String REPLACED = ".replaced";
  private static final boolean WINDOWS = System.getProperty("os.name").startsWith("Windows");

  /** Writes a whole file, or all files of a folder that is there and empty. */
  @FunctionalInterface
  public interface Content {
    void write(Path path) throws IOException;
  }

  private Durable() {}

  /** Writes a file, replacing one of that name; any number of processes may do so at once. */
  public static void writeFile(Path file, Content content) throws IOException {
    Path partial =
        file.resolveSibling(".%s-%s%s".formatted(file.getFileName(), UUID.randomUUID(), PARTIAL));
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
      forceTree(partial);
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

  /** Deletes a folder with all that is in it; it is gone at once or still whole. */
  public static void deleteFolder(Path folder) throws IOException {
    restore(folder);
    if (Files.exists(folder)) {
      Path partial = hidden(folder, PARTIAL);
      deleteTree(partial);
      Files.move(folder, partial, StandardCopyOption.ATOMIC_MOVE);
      deleteTree(partial);
    }
  }

  /** Where to read a folder: its place, or what a crash has left of it when it was replaced. */
  public static Path readable(Path folder) {
    Path replaced = hidden(folder, REPLACED);
    return Files.exists(folder) || !Files.exists(replaced) ? folder : replaced;
  }

  /** The names in {@code parent} that can be read; none if there is no such folder. */
  public static Set<String> names(Path parent) throws IOException {
    if (!Files.isDirectory(parent)) {
      return Set.of();
    }
    try (Stream<Path> children = Files.list(parent)) {
      return children
          .map(child -> child.getFileName().toString())
          .map(name -> name.endsWith(REPLACED) ? visible(name) : name)
          .collect(Collectors.toSet());
    }
  }

  /** Removes from {@code parent} what a crash has left unfinished; nobody may be writing there. */
  public static void removeLeftovers(Path parent) throws IOException {
    try (DirectoryStream<Path> leftovers =
        Files.newDirectoryStream(parent, ".*{%s,%s}".formatted(PARTIAL, REPLACED))) {
      for (Path leftover : leftovers) {
        String name = leftover.getFileName().toString();
        if (name.endsWith(REPLACED)) {
          restore(parent.resolve(visible(name)));
        } else {
          deleteTree(leftover);
        }
      }
    }
  }

  /** Puts a folder back that was moved away for one that never came; deletes it if that came. */
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

  private static String visible(String replaced) {
    return replaced.substring(1, replaced.length() - REPLACED.length());
  }

  private static void forceTree(Path folder) throws IOException {
    try (Stream<Path> paths = Files.walk(folder)) {
      for (Path path : paths.toList()) {
        force(path);
      }
    }
  }

  private static void force(Path path) throws IOException {
    if (WINDOWS && Files.isDirectory(path)) {
      return; // it has no such call, and needs none
    }
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  private static void deleteTree(Path folder) throws IOException {
    if (Files.exists(folder)) {
      try (Stream<Path> paths = Files.walk(folder)) {
        for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(path);
        }
      }
    }
  }
}
