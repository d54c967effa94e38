package emnist.diffusion.data;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/**
 * NIST's archive {@code gzip.zip}, which holds all six splits of EMNIST, as a file system.
 *
 * <p>An archive may come from anywhere. The JDK's zip file system builds a tree of all names, lets
 * the last of two entries of one name win, and compares neither sizes nor checksums; so this class
 * limits the names and compares.
 */
final class EmnistArchive {

  static final String FILE = "gzip.zip";
  static final String FOLDER = "gzip";

  /** NIST's has a few dozen. */
  private static final int MAX_ENTRIES = 1000;

  private static final int MAX_NAME_LENGTH = 100;

  private EmnistArchive() {}

  /**
   * Opens an archive, to be closed by the caller.
   *
   * @throws IOException if it is damaged, or has too many entries, too long a name or a name twice
   */
  static FileSystem open(Path archive) throws IOException {
    try (ZipFile zip = new ZipFile(archive.toFile())) {
      if (zip.size() > MAX_ENTRIES) {
        throw damaged("at most %s entries".formatted(MAX_ENTRIES), archive, zip.size(), null);
      }
      Set<String> names = new HashSet<>();
      for (ZipEntry entry : zip.stream().toList()) {
        String name = entry.getName();
        if (name.length() > MAX_NAME_LENGTH) {
          String expected = "names of at most %s characters".formatted(MAX_NAME_LENGTH);
          throw damaged(expected, archive, "one of " + name.length(), null);
        }
        if (!names.add(name)) {
          throw damaged("one entry of each name", archive, "\"%s\" twice".formatted(name), null);
        }
      }
      return FileSystems.newFileSystem(archive);
    } catch (ZipException | EOFException | IllegalArgumentException e) {
      throw damaged("a complete zip archive", archive, "something else", e);
    } catch (OutOfMemoryError e) {
      // The table of contents is read in one piece.
      throw damaged("a zip archive of a few files", archive, "too many to remember", e);
    }
  }

  private static IOException damaged(String expected, Path archive, Object found, Throwable cause) {
    return new IOException(
        "Expected %s in %s, found %s. Download it again.".formatted(expected, archive, found),
        cause);
  }

  /**
   * Reads a file of an archive once, at most as far as the archive says that it goes; any other
   * file is left alone.
   *
   * @throws IOException if its size or its checksum is not the one that the archive states
   */
  static void requireIntact(Path file) throws IOException {
    if (file.getFileSystem() == FileSystems.getDefault()) {
      return;
    }
    long size = Files.size(file);
    CRC32 checksum = new CRC32();
    String found = null;
    try (InputStream stored = new BufferedInputStream(Files.newInputStream(file));
        InputStream in = new CheckedInputStream(stored, checksum)) {
      if (in.skip(size + 1) != size) {
        found = "other than the %s bytes that it should be".formatted(size);
      } else if (checksum.getValue() != (Long) Files.getAttribute(file, "zip:crc")) {
        found = "a different checksum";
      }
    } catch (ZipException | EOFException e) {
      found = "\"%s\"".formatted(e.getMessage());
    }
    if (found != null) {
      throw new IOException(
          "Expected an intact file %s, found %s. Download the archive again."
              .formatted(nameOf(file), found));
    }
  }

  /** A file's path for messages; inside an archive after the archive's own. */
  static String nameOf(Path file) {
    FileSystem files = file.getFileSystem();
    return files == FileSystems.getDefault() ? file.toString() : files + "!" + file;
  }
}
