package emnist.diffusion.data;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.zip.GZIPInputStream;

/**
 * A file to be read, on the disk or in an archive.
 *
 * @param path where it is; in an archive, below the archive's path
 * @param label its path for messages
 * @param size its bytes as stored
 * @param content opens the bytes as stored
 */
record DataFile(Path path, String label, long size, Content content) {

  @FunctionalInterface
  interface Content {
    InputStream open() throws IOException;
  }

  private static final int BUFFER_BYTES = 1 << 16;

  /** A regular file, or a link to one: a FIFO never ends. */
  static DataFile of(Path path) throws IOException {
    if (!Files.isRegularFile(path) || !Files.isReadable(path)) {
      throw new IOException(
          "Expected a file %s that may be read, found none. Check its path and its permissions."
              .formatted(path));
    }
    return new DataFile(path, path.toString(), Files.size(path), () -> Files.newInputStream(path));
  }

  /** The bytes, unpacked if the first two say that they are gzipped, whatever the name says. */
  InputStream open() throws IOException {
    BufferedInputStream stored = new BufferedInputStream(content.open(), BUFFER_BYTES);
    try {
      stored.mark(2);
      boolean isGzip = stored.read() == 0x1f && stored.read() == 0x8b;
      stored.reset();
      return isGzip ? new GZIPInputStream(stored, BUFFER_BYTES) : stored;
    } catch (IOException e) {
      stored.close();
      throw e;
    }
  }

  /** A name without what differs from copy to copy: capitals, dots and {@code .gz}. */
  static String plain(Path path) {
    String name = Objects.toString(path.getFileName(), ""); // a root has none
    return name.toLowerCase(Locale.ROOT).replaceAll("[._]", "-").replaceFirst("-gz$", "");
  }

  /** Its folder, or the one around it if that has the file's name. */
  Path place() {
    Path folder = path.toAbsolutePath().getParent();
    return plain(folder).equals(plain(path)) ? folder.getParent() : folder;
  }

  /**
   * The file of a plain name in the fewest folders; of a file and its gzipped form the file.
   *
   * @throws IOException if two such files are equally near
   */
  static Optional<DataFile> nearest(List<DataFile> files, String plainName) throws IOException {
    List<DataFile> named =
        files.stream()
            .filter(file -> plain(file.path).equals(plainName))
            .sorted(Comparator.comparingInt(DataFile::depth).thenComparing(DataFile::label))
            .toList();
    for (DataFile other : named) {
      DataFile first = named.get(0);
      boolean isGzipped = other.label.matches("(?i)\\Q%s\\E(\\.gz)?".formatted(first.label));
      if (other.depth() == first.depth() && !isGzipped) {
        throw new IOException(
            "Expected one file %s, found %s and %s. Move one away, or name the folder of the other."
                .formatted(plainName, first.label, other.label));
      }
    }
    return named.stream().findFirst();
  }

  private int depth() {
    return path.getNameCount();
  }
}
