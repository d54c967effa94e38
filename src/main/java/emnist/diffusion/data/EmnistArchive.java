package emnist.diffusion.data;

import emnist.diffusion.files.FreeSpace;
import java.io.EOFException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/**
 * NIST's archive {@code gzip.zip}, which holds all six splits of EMNIST.
 *
 * <p>{@link EmnistDataset#open} reads it as it is; extracting a split only saves the space of the
 * others. An archive may come from anywhere: entries are looked up by the split's own file names,
 * so that no name in it decides where a file goes; none is read beyond the size that it states; and
 * what would be a link elsewhere is a plain file here.
 */
public final class EmnistArchive implements AutoCloseable {

  static final String FILE = "gzip.zip";
  static final String FOLDER = "gzip";

  /** NIST's has a few dozen. */
  private static final int MAX_ENTRIES = 1000;

  private final ZipFile zip;

  private EmnistArchive(ZipFile zip) {
    this.zip = zip;
  }

  /**
   * Extracts one split's files into a folder, which is created if missing.
   *
   * @throws IOException if the archive is missing, damaged or lacks a file, or the folder has no
   *     room; then nothing is extracted
   */
  public static void extract(Path archive, EmnistSplit split, Path folder) throws IOException {
    List<String> names =
        List.of(
            split.imagesFile(true) + ".gz",
            split.labelsFile(true) + ".gz",
            split.imagesFile(false) + ".gz",
            split.labelsFile(false) + ".gz",
            split.mappingFile());
    try (EmnistArchive opened = open(archive)) {
      List<DataFile> files = opened.require(names);
      long bytes = 0;
      for (DataFile file : files) {
        bytes += file.size();
      }
      Files.createDirectories(folder);
      FreeSpace.require(folder, bytes);
      copy(files, names, folder);
    }
  }

  private List<DataFile> require(List<String> names) throws FileNotFoundException {
    List<DataFile> files = new ArrayList<>();
    for (String name : names) {
      files.add(
          find(name)
              .orElseThrow(
                  () ->
                      new FileNotFoundException(
                          "Expected %s in %s, found no such entry. Download the archive again."
                              .formatted(name, zip.getName()))));
    }
    return files;
  }

  /** Copies all files under other names before the first has its own. */
  private static void copy(List<DataFile> files, List<String> names, Path folder)
      throws IOException {
    List<Path> parts = names.stream().map(name -> folder.resolve(name + ".part")).toList();
    try {
      for (int i = 0; i < parts.size(); i++) {
        try (InputStream in = files.get(i).open()) {
          Files.copy(in, parts.get(i), StandardCopyOption.REPLACE_EXISTING);
        }
      }
      for (int i = 0; i < parts.size(); i++) {
        Path file = folder.resolve(names.get(i));
        Files.move(
            parts.get(i),
            file,
            StandardCopyOption.ATOMIC_MOVE,
            StandardCopyOption.REPLACE_EXISTING);
      }
    } finally {
      for (Path part : parts) {
        Files.deleteIfExists(part);
      }
    }
  }

  /**
   * Opens an archive, to be closed by the caller.
   *
   * @throws IOException if it is missing or damaged, or has two entries of one name, or one that
   *     cannot be as large as it says
   */
  static EmnistArchive open(Path archive) throws IOException {
    if (!Files.isRegularFile(archive)) {
      throw new FileNotFoundException(
          "Expected NIST's archive in %s, found no such file. Download it.".formatted(archive));
    }
    ZipFile zip = zip(archive);
    try {
      requirePlausible(zip, Files.size(archive));
      return new EmnistArchive(zip);
    } catch (IOException e) {
      zip.close();
      throw e;
    }
  }

  private static ZipFile zip(Path archive) throws IOException {
    try {
      return new ZipFile(archive.toFile());
    } catch (ZipException | EOFException | IllegalArgumentException e) {
      throw damaged(archive.toString(), "a complete zip archive", "something else", e);
    } catch (OutOfMemoryError e) {
      // Its table of contents is read as a whole.
      throw damaged(archive.toString(), "a zip archive of a few files", "too many to remember", e);
    }
  }

  private static void requirePlausible(ZipFile zip, long archiveBytes) throws IOException {
    if (zip.size() > MAX_ENTRIES) {
      throw damaged(
          zip.getName(),
          "at most %d entries".formatted(MAX_ENTRIES),
          String.valueOf(zip.size()),
          null);
    }
    Set<String> names = new HashSet<>();
    for (ZipEntry entry : zip.stream().toList()) {
      if (!names.add(entry.getName())) {
        throw damaged(
            zip.getName(), "one entry of each name", "\"" + entry.getName() + "\" twice", null);
      }
      long compressed = entry.getCompressedSize();
      long size = entry.getSize();
      if (compressed > archiveBytes || size < 0 || size > compressed * DataFile.MAX_INFLATION) {
        throw damaged(
            zip.getName(),
            "entries that fit its %d bytes".formatted(archiveBytes),
            "\"%s\" of %d bytes, %d compressed".formatted(entry.getName(), size, compressed),
            null);
      }
    }
  }

  private static IOException damaged(
      String archive, String expected, String found, Throwable cause) {
    return new IOException(
        "Expected %s in %s, found %s. Download it again.".formatted(expected, archive, found),
        cause);
  }

  /** The file of that name in the archive's folder. */
  Optional<DataFile> find(String name) {
    return Optional.ofNullable(zip.getEntry(FOLDER + "/" + name))
        .filter(entry -> !entry.isDirectory())
        .map(entry -> new ArchiveEntry(zip, entry));
  }

  @Override
  public void close() throws IOException {
    zip.close();
  }
}
