package emnist.diffusion.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EmnistArchiveTest {

  private static final String OTHER_BYTES =
      "Expected %s!/%s with the size and the checksum that its archive states, found other bytes. Download the archive again.";
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
  private Path folder;
  private Path archive;

  @BeforeEach
  void places() throws IOException {
    unpacked = temporary.resolve("unpacked");
    folder = Files.createDirectory(temporary.resolve("data"));
    archive = folder.resolve("gzip.zip");
    Fixtures.writeLetters(unpacked, 4, ".gz");
    Fixtures.writeCard(folder, 4);
    Fixtures.writeCard(unpacked, 4);
  }

  private EmnistDataset open() throws IOException {
    return EmnistDataset.open(folder, EmnistSplit.LETTERS, true);
  }

  @Test
  void readsTheFilesOfTheSplit() throws IOException {
    Fixtures.zip(unpacked, archive);
    EmnistDataset expected = EmnistDataset.open(unpacked, EmnistSplit.LETTERS, true);
    assertThat(open().sha256()).isEqualTo(expected.sha256());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/emnist-letters-mapping.txt",
        "..\\\\emnist-letters-mapping.txt",
        "gzip/more/emnist-letters-mapping.txt",
        "gzip/../../emnist-letters-mapping.txt",
        "../emnist-letters-mapping.txt",
        "emnist-letters-mapping.txt"
      })
  void entriesOfOtherFoldersAreNotRead(String name) throws IOException {
    zipWith(name, "1 65\n");
    assertThat(open().classNames()).hasSize(26);
    assertThat(Fixtures.contents(folder)).containsOnlyKeys("gzip.zip", "dataset.json");
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
    try (OutputStream out = Files.newOutputStream(archive);
        ZipOutputStream zip = new ZipOutputStream(out)) {
      for (int i = 0; i <= 1000; i++) {
        zip.putNextEntry(new ZipEntry("gzip/" + i));
      }
    }
    refuses("Expected at most 1000 entries in %s, found 1001. Download it again.", archive);
  }

  @Test
  void refusesTwoSpellingsOfOneName() throws IOException {
    zipWith("./gzip//emnist-letters-mapping.txt", "1 65\n");
    refuses(
        "Expected one entry of each name in %s, found \"gzip/emnist-letters-mapping.txt\" twice. Download it again.",
        archive);
  }

  @Test
  void readsBesideAFolderOfThousandsOfFolders() throws IOException {
    zipWith("a/".repeat(30_000) + "b", "");
    assertThat(open().classNames()).hasSize(26);
  }

  @ParameterizedTest
  @ValueSource(strings = {"gzip/a\0b", "C:/emnist-letters-mapping.txt", ":", ""})
  void readsBesideANameThatNoFileHas(String name) throws IOException {
    zipWith(name, "");
    assertThat(open().classNames()).hasSize(26);
  }

  @Test
  void readsBesideANameInTheEncodingOfAnotherCountry() throws IOException {
    try (OutputStream out = Files.newOutputStream(archive);
        ZipOutputStream zip = new ZipOutputStream(out, StandardCharsets.ISO_8859_1)) {
      zip.putNextEntry(new ZipEntry("gzip/a\u00e7\u00fd\u00fe"));
      for (Map.Entry<String, byte[]> file : Fixtures.contents(unpacked).entrySet()) {
        zip.putNextEntry(new ZipEntry("gzip/" + file.getKey()));
        zip.write(file.getValue());
      }
    }
    assertThat(open().classNames()).hasSize(26);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "./", "gzip/", "./gzip/", "emnist_source_files/", "a/b/c/d/e/f/g/", "gzip\\"})
  void readsAnArchivePackedAnew(String prefix) throws IOException {
    Fixtures.zip(unpacked, archive, prefix);
    EmnistDataset expected = EmnistDataset.open(unpacked, EmnistSplit.LETTERS, true);
    assertThat(open().sha256()).isEqualTo(expected.sha256());
    Files.move(archive, folder.resolve("EMNIST.zip"));
    assertThat(open().sha256()).isEqualTo(expected.sha256());
  }

  @Test
  void readsRawFilesThatAreCalledGzipped() throws IOException {
    Fixtures.writeLetters(unpacked, 4, "");
    for (String part : List.of("train-images-idx3", "train-labels-idx1")) {
      Path file = unpacked.resolve("emnist-letters-%s-ubyte".formatted(part));
      Files.move(
          file, unpacked.resolve(file.getFileName() + ".gz"), StandardCopyOption.REPLACE_EXISTING);
    }
    Fixtures.zip(unpacked, archive);
    assertThat(open().size()).isEqualTo(4);
  }

  @Test
  void refusesTwoFoldersOfTheSameFiles() throws IOException {
    try (OutputStream out = Files.newOutputStream(archive);
        ZipOutputStream zip = new ZipOutputStream(out)) {
      for (String place : List.of("one/", "two/")) {
        for (Map.Entry<String, byte[]> file : Fixtures.contents(unpacked).entrySet()) {
          zip.putNextEntry(new ZipEntry(place + file.getKey()));
          zip.write(file.getValue());
        }
      }
    }
    String file = "emnist-letters-train-images-idx3-ubyte";
    refuses(
        "Expected one file %s, found %s!/one/%s.gz and %s!/two/%s.gz. Move one away, or name the folder of the other.",
        file, archive, file, archive, file);
  }

  @Test
  void takesNoMemoryForAnEntryThatCannotBeAsLargeAsItSays() throws IOException {
    Fixtures.zip(unpacked, archive);
    patch(SIZE, 1 << 30);
    refuses(OTHER_BYTES, archive, MAPPING);
  }

  @Test
  void readsAnEntryThatClaimsToBeLargerThanTheArchive() throws IOException {
    Fixtures.zip(unpacked, archive);
    patch(COMPRESSED_SIZE, 1 << 30);
    assertThat(open().classNames()).hasSize(26);
  }

  @Test
  void readsNoFurtherThanAnEntrySaysThatItGoes() throws IOException {
    Files.write(unpacked.resolve("emnist-letters-mapping.txt"), new byte[50_000_000]);
    Fixtures.zip(unpacked, archive);
    patch(SIZE, 10);
    refuses(OTHER_BYTES, archive, MAPPING);
  }

  @Test
  void refusesAnEntryThatEndsEarlierThanItSays() throws IOException {
    Fixtures.zip(unpacked, archive);
    patch(SIZE, 1000);
    refuses(OTHER_BYTES, archive, MAPPING);
  }

  @Test
  void refusesAnEntryOfADifferentChecksum() throws IOException {
    Fixtures.zip(unpacked, archive);
    patch(CHECKSUM, 7);
    refuses(OTHER_BYTES, archive, MAPPING);
  }

  @Test
  void refusesATruncatedArchive() throws IOException {
    Fixtures.zip(unpacked, archive);
    byte[] complete = Files.readAllBytes(archive);
    Files.write(archive, Arrays.copyOf(complete, complete.length / 2));
    refuses(
        "Expected a complete zip archive in %s, found something else. Download it again.", archive);
  }

  @Test
  void aLinkInTheArchiveIsReadAsAPlainFile() throws IOException {
    Files.writeString(unpacked.resolve("emnist-letters-mapping.txt"), "/etc/passwd");
    Fixtures.zip(unpacked, archive);
    patch(MADE_BY, 3 << 8 | 20);
    patch(ATTRIBUTES, 0120777 << 16);
    refuses(
        "Expected \"label code\" in %s!/%s, found \"/etc/passwd\". Restore the file or remove it: without it the split's own names are used.",
        archive, MAPPING);
  }

  private void refuses(String message, Object... arguments) {
    assertThatThrownBy(this::open).isInstanceOf(IOException.class).hasMessage(message, arguments);
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

  /** Overwrites a number that the table of contents states for the mapping. */
  private void patch(int field, int value) throws IOException {
    byte[] bytes = Files.readAllBytes(archive);
    int name = new String(bytes, StandardCharsets.ISO_8859_1).lastIndexOf(MAPPING);
    ByteBuffer contents = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    if (field == MADE_BY) {
      contents.putShort(name - NAME + field, (short) value);
    } else {
      contents.putInt(name - NAME + field, value);
    }
    Files.write(archive, bytes);
  }
}
