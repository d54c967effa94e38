package emnist.diffusion.data;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.ProviderNotFoundException;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.ZipException;

/**
 * NIST's archive {@code gzip.zip}, which holds all six splits of EMNIST.
 *
 * <p>{@link EmnistDataset#open} reads it as it is; extracting a split only saves the space of the
 * others.
 */
public final class EmnistArchive {

  static final String FILE = "gzip.zip";
  static final String FOLDER = "gzip";

  private EmnistArchive() {}

  /**
   * Extracts one split's files into a folder, which is created if missing.
   *
   * <p>Entries are looked up by the split's own file names, so that no name in the archive decides
   * where a file goes. Each file appears under its name only when it is complete.
   *
   * @throws IOException if the archive is missing, damaged or lacks a file; then nothing is
   *     extracted
   */
  public static void extract(Path archive, EmnistSplit split, Path folder) throws IOException {
    List<String> names =
        List.of(
            split.imagesFile(true) + ".gz",
            split.labelsFile(true) + ".gz",
            split.imagesFile(false) + ".gz",
            split.labelsFile(false) + ".gz",
            split.mappingFile());
    try (FileSystem zip = mount(archive)) {
      List<Path> entries = new ArrayList<>();
      for (String name : names) {
        Path entry = root(zip).resolve(name);
        if (!Files.isRegularFile(entry)) {
          throw new FileNotFoundException(
              "Expected %s in %s, found no such entry. Download the archive again."
                  .formatted(name, archive));
        }
        entries.add(entry);
      }
      Files.createDirectories(folder);
      for (int i = 0; i < entries.size(); i++) {
        extractEntry(entries.get(i), folder.resolve(names.get(i)));
      }
    }
  }

  private static void extractEntry(Path entry, Path file) throws IOException {
    Path part = file.resolveSibling(file.getFileName() + ".part");
    try {
      Files.copy(entry, part, StandardCopyOption.REPLACE_EXISTING);
      Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(part);
    }
  }

  /** The archive as a file system, to be closed by the caller. */
  static FileSystem mount(Path archive) throws IOException {
    if (!Files.isRegularFile(archive)) {
      throw new FileNotFoundException(
          "Expected NIST's archive in %s, found no such file. Download it.".formatted(archive));
    }
    try {
      return FileSystems.newFileSystem(archive);
    } catch (ProviderNotFoundException | ZipException e) {
      throw new IOException(
          "Expected a complete zip archive in %s, found something else. Download it again."
              .formatted(archive),
          e);
    }
  }

  /** The folder of the archive that holds EMNIST's files. */
  static Path root(FileSystem zip) {
    return zip.getPath("/", FOLDER);
  }
}
