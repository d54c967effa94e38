package emnist.diffusion.data;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/**
 * An archive of EMNIST: NIST's {@code gzip.zip}, which holds all six splits, or one packed again.
 *
 * <p>An archive may come from anywhere. Nothing of it is written to the disk; the number of its
 * entries is limited, and sizes and checksums, which {@link ZipFile} does not compare, are.
 */
final class EmnistArchive {

  static final String FILE = "gzip.zip";

  /** NIST's has a few dozen. */
  private static final int MAX_ENTRIES = 1000;

  /** No folder, and nothing that some system takes for no name at all. */
  private static final String PLAIN_FILE = "[^\\x00:]*[^\\x00:/\\\\]";

  private EmnistArchive() {}

  /**
   * Opens an archive, to be closed by the caller.
   *
   * @throws IOException if it is damaged or must not be read
   */
  static ZipFile open(Path archive) throws IOException {
    try {
      // Names of EMNIST's files are ASCII, others may have any encoding.
      return new ZipFile(archive.toFile(), StandardCharsets.ISO_8859_1);
    } catch (ZipException | EOFException | IllegalArgumentException e) {
      throw damaged("a complete zip archive", archive, "something else", e);
    } catch (OutOfMemoryError e) {
      // The table of contents is read in one piece.
      throw damaged("a zip archive of a few files", archive, "too many to remember", e);
    }
  }

  /**
   * The files of an open archive. A path in it may begin with {@code ./} and have backslashes, as
   * some programs write them.
   *
   * @throws IOException if it has too many entries or one name twice
   */
  static List<DataFile> files(ZipFile zip) throws IOException {
    Path archive = Path.of(zip.getName());
    if (zip.size() > MAX_ENTRIES) {
      throw damaged("at most %s entries".formatted(MAX_ENTRIES), archive, zip.size(), null);
    }
    Map<Path, DataFile> files = new HashMap<>();
    for (ZipEntry entry : zip.stream().filter(e -> e.getName().matches(PLAIN_FILE)).toList()) {
      Path path = Path.of("./" + entry.getName().replace('\\', '/')).normalize();
      String label = archive + "!/" + path;
      DataFile.Content content = () -> intact(zip, entry, label);
      DataFile file = new DataFile(archive.resolve(path), label, entry.getSize(), content);
      if (files.put(path, file) != null) {
        throw damaged("one entry of each name", archive, "\"%s\" twice".formatted(path), null);
      }
    }
    return List.copyOf(files.values());
  }

  private static IOException damaged(String expected, Path archive, Object found, Throwable cause) {
    return new IOException(
        "Expected %s in %s, found %s. Download it again.".formatted(expected, archive, found),
        cause);
  }

  /** The bytes of an entry, which is read once before, but no further than it says that it goes. */
  private static InputStream intact(ZipFile zip, ZipEntry entry, String label) throws IOException {
    try (InputStream stored = new BufferedInputStream(zip.getInputStream(entry));
        CheckedInputStream in = new CheckedInputStream(stored, new CRC32())) {
      boolean isWhole = in.skip(entry.getSize() + 1) == entry.getSize();
      if (isWhole && in.getChecksum().getValue() == entry.getCrc()) {
        return zip.getInputStream(entry);
      }
    } catch (ZipException | EOFException e) {
      // As damaged as one of other bytes.
    }
    throw new IOException(
        "Expected %s with the size and the checksum that its archive states, found other bytes. Download the archive again."
            .formatted(label));
  }
}
