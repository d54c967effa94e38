package emnist.diffusion.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EmnistArchiveTest {

  private static final String MAPPING = "gzip/emnist-letters-mapping.txt";

  // Where the numbers of an entry lie in the table of contents.
  private static final int MADE_BY = 4;
  private static final int CHECKSUM = 16;
  private static final int COMPRESSED_SIZE = 20;
  private static final int SIZE = 24;
  private static final int ATTRIBUTES = 38;
  private static final int NAME = 46;

  @TempDir Path temporary;
  private Path unpacked;
  private Path archive;
  private Path target;

  @BeforeEach
  void places() throws IOException {
    unpacked = temporary.resolve("unpacked");
    archive = temporary.resolve("gzip.zip");
    target = temporary.resolve("some").resolve("target");
    Fixtures.writeLetters(unpacked, 4, ".gz");
  }

  @Test
  void extractsTheFilesOfTheSplit() throws IOException {
    Fixtures.zip(unpacked, archive);
    EmnistArchive.extract(archive, EmnistSplit.LETTERS, target);
    assertThat(Fixtures.contents(target)).containsExactlyEntriesOf(Fixtures.contents(unpacked));
  }

  @Test
  void leavesOtherEntriesAlone() throws IOException {
    Files.writeString(unpacked.resolve("emnist-digits-mapping.txt"), "0 48\n");
    Fixtures.zip(unpacked, archive);
    EmnistArchive.extract(archive, EmnistSplit.LETTERS, target);
    assertThat(target.resolve("emnist-digits-mapping.txt")).doesNotExist();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "gzip/../../emnist-letters-mapping.txt",
        "../emnist-letters-mapping.txt",
        "/emnist-letters-mapping.txt",
        "..\\\\emnist-letters-mapping.txt",
        "gzip/./emnist-letters-mapping.txt",
        "gzip/emnist-letters-mapping.txt/"
      })
  void entriesThatPointElsewhereAreNeverWritten(String name) throws IOException {
    zipWith(name, "1 65\n");
    EmnistArchive.extract(archive, EmnistSplit.LETTERS, target);
    assertThat(Fixtures.contents(target)).containsExactlyEntriesOf(Fixtures.contents(unpacked));
    assertThat(Fixtures.contents(temporary)).containsOnlyKeys("gzip.zip");
    assertThat(target.getParent()).isDirectoryNotContaining(path -> !path.equals(target));
  }

  @Test
  void refusesTwoEntriesOfOneName() throws IOException {
    zipWith("gzip/emnist-letters-mappinX.txt", "1 65\n");
    String bytes = Files.readString(archive, StandardCharsets.ISO_8859_1);
    Files.writeString(archive, bytes.replace("mappinX", "mapping"), StandardCharsets.ISO_8859_1);
    refuses(
        "Expected one entry of each name in %s, found \"gzip/emnist-letters-mapping.txt\" twice. Download it again.",
        archive);
  }

  @Test
  void refusesMoreEntriesThanAnyoneZips() throws IOException {
    Fixtures.zip(unpacked, archive);
    try (OutputStream out = Files.newOutputStream(archive);
        ZipOutputStream zip = new ZipOutputStream(out)) {
      for (int i = 0; i <= 1000; i++) {
        zip.putNextEntry(new ZipEntry("gzip/" + i));
      }
    }
    refuses("Expected at most 1000 entries in %s, found 1001. Download it again.", archive);
  }

  @Test
  void refusesAnEntryThatCannotBeAsLargeAsItSays() throws IOException {
    Fixtures.zip(unpacked, archive);
    long compressed = patch(SIZE, 1 << 30).getCompressedSize();
    refuses(
        "Expected entries that fit its %d bytes in %s, found \"%s\" of 1073741824 bytes, %d compressed. Download it again.",
        Files.size(archive), archive, MAPPING, compressed);
  }

  @Test
  void refusesAnEntryLargerThanTheArchive() throws IOException {
    Fixtures.zip(unpacked, archive);
    long size = patch(COMPRESSED_SIZE, 1 << 30).getSize();
    refuses(
        "Expected entries that fit its %d bytes in %s, found \"%s\" of %d bytes, 1073741824 compressed. Download it again.",
        Files.size(archive), archive, MAPPING, size);
  }

  @Test
  void readsNoFurtherThanAnEntrySaysThatItGoes() throws IOException {
    Files.write(unpacked.resolve("emnist-letters-mapping.txt"), new byte[50_000_000]);
    Fixtures.zip(unpacked, archive);
    patch(SIZE, 10);
    refuses(
        "Expected an intact file %s!/%s, found other than the 10 bytes that it should be. Download the archive again.",
        archive, MAPPING);
  }

  @Test
  void refusesAnEntryThatEndsEarlierThanItSays() throws IOException {
    Fixtures.zip(unpacked, archive);
    patch(SIZE, 1000);
    refuses(
        "Expected an intact file %s!/%s, found other than the 1000 bytes that it should be. Download the archive again.",
        archive, MAPPING);
  }

  @Test
  void refusesAnEntryOfAnotherChecksum() throws IOException {
    Fixtures.zip(unpacked, archive);
    patch(CHECKSUM, 7);
    refuses(
        "Expected an intact file %s!/%s, found another checksum. Download the archive again.",
        archive, MAPPING);
  }

  @Test
  void aLinkInTheArchiveBecomesAPlainFile() throws IOException {
    Path mapping = unpacked.resolve("emnist-letters-mapping.txt");
    Files.writeString(mapping, "/etc/passwd");
    Fixtures.zip(unpacked, archive);
    patch(MADE_BY, 3 << 8 | 20);
    patch(ATTRIBUTES, 0120777 << 16);
    EmnistArchive.extract(archive, EmnistSplit.LETTERS, target);
    assertThat(target.resolve(mapping.getFileName()))
        .isRegularFile()
        .hasContent("/etc/passwd")
        .matches(file -> !Files.isSymbolicLink(file));
  }

  @Test
  void replacesALinkInTheFolderRatherThanWhereItLeads() throws IOException {
    Fixtures.zip(unpacked, archive);
    Files.createDirectories(target);
    Path precious = Files.writeString(temporary.resolve("precious"), "precious");
    for (String name : List.of("emnist-letters-mapping.txt", "emnist-letters-mapping.txt.part")) {
      Files.createSymbolicLink(target.resolve(name), precious);
    }
    EmnistArchive.extract(archive, EmnistSplit.LETTERS, target);
    assertThat(precious).hasContent("precious");
    assertThat(target.resolve("emnist-letters-mapping.txt"))
        .hasSameTextualContentAs(unpacked.resolve("emnist-letters-mapping.txt"));
  }

  @Test
  void refusesAnArchiveThatLacksAFileBeforeExtractingAny() throws IOException {
    Files.delete(unpacked.resolve("emnist-letters-test-labels-idx1-ubyte.gz"));
    Fixtures.zip(unpacked, archive);
    assertThatThrownBy(() -> EmnistArchive.extract(archive, EmnistSplit.LETTERS, target))
        .isInstanceOf(FileNotFoundException.class)
        .hasMessage(
            "Expected emnist-letters-test-labels-idx1-ubyte.gz in %s, found no such entry. Download the archive again.",
            archive);
    assertThat(target).doesNotExist();
  }

  @Test
  void refusesAMissingArchive() {
    assertThatThrownBy(() -> EmnistArchive.extract(archive, EmnistSplit.LETTERS, target))
        .isInstanceOf(FileNotFoundException.class)
        .hasMessage("Expected NIST's archive in %s, found no such file. Download it.", archive);
  }

  private void refuses(String message, Object... arguments) throws IOException {
    assertThatThrownBy(() -> EmnistArchive.extract(archive, EmnistSplit.LETTERS, target))
        .isInstanceOf(IOException.class)
        .hasMessage(message, arguments);
    if (Files.exists(target)) {
      assertThat(target).isEmptyDirectory();
    }
  }

  /** The archive of the unpacked files with one more entry, in front. */
  private void zipWith(String name, String content) throws IOException {
    try (OutputStream out = Files.newOutputStream(archive);
        ZipOutputStream zip = new ZipOutputStream(out)) {
      zip.putNextEntry(new ZipEntry(name));
      zip.write(name.endsWith("/") ? new byte[0] : content.getBytes(StandardCharsets.UTF_8));
      for (Map.Entry<String, byte[]> file : Fixtures.contents(unpacked).entrySet()) {
        zip.putNextEntry(new ZipEntry("gzip/" + file.getKey()));
        zip.write(file.getValue());
      }
    }
  }

  /** Overwrites a number that the table of contents says of the mapping; what it said before. */
  private ZipEntry patch(int field, int value) throws IOException {
    ZipEntry before;
    try (ZipFile zip = new ZipFile(archive.toFile())) {
      before = zip.getEntry(MAPPING);
    }
    byte[] bytes = Files.readAllBytes(archive);
    int name = new String(bytes, StandardCharsets.ISO_8859_1).lastIndexOf(MAPPING);
    ByteBuffer contents = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    if (field == MADE_BY) {
      contents.putShort(name - NAME + field, (short) value);
    } else {
      contents.putInt(name - NAME + field, value);
    }
    Files.write(archive, bytes);
    return before;
  }
}
