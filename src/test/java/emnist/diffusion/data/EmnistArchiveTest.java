package emnist.diffusion.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmnistArchiveTest {

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

  @Test
  void entriesThatPointOutsideAreNeverWritten() throws IOException {
    try (OutputStream out = Files.newOutputStream(archive);
        ZipOutputStream zip = new ZipOutputStream(out)) {
      zip.putNextEntry(new ZipEntry("gzip/../../emnist-letters-mapping.txt"));
      zip.write("1 65\n".getBytes());
    }
    assertThatThrownBy(() -> EmnistArchive.extract(archive, EmnistSplit.LETTERS, target))
        .isInstanceOf(IOException.class);
    assertThat(target).doesNotExist();
    assertThat(temporary.resolve("emnist-letters-mapping.txt")).doesNotExist();
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
}
