package emnist.diffusion.files;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * What lies in a folder. Links are not followed, and whatever another process deletes meanwhile
 * counts as absent.
 */
public final class FileTree {

  private FileTree() {}

  /** What a folder, or a link to one, directly contains; nothing if there is no such folder. */
  static List<Path> children(Path parent) throws IOException {
    try (Stream<Path> children = Files.list(parent)) {
      return children.toList();
    } catch (NoSuchFileException | NotDirectoryException e) {
      return List.of();
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  /** A path and everything below it, what a folder contains before the folder itself. */
  public static List<Path> of(Path path) throws IOException {
    List<Path> found = new ArrayList<>();
    if (Files.isDirectory(path, NOFOLLOW_LINKS)) {
      for (Path child : children(path)) {
        found.addAll(of(child));
      }
    }
    if (Files.exists(path, NOFOLLOW_LINKS)) {
      found.add(path);
    }
    return found;
  }

  /** The bytes of a file, or of all files below a folder. */
  public static long bytes(Path path) throws IOException {
    long bytes = 0;
    for (Path each : of(path)) {
      try {
        bytes += Files.isRegularFile(each, NOFOLLOW_LINKS) ? Files.size(each) : 0;
      } catch (NoSuchFileException e) {
        // Deleted meanwhile.
      }
    }
    return bytes;
  }

  /** Deletes a path with everything below it. */
  static void delete(Path path) throws IOException {
    for (Path each : of(path)) {
      Files.deleteIfExists(each);
    }
  }
}
