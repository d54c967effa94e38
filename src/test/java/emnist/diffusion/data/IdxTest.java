package emnist.diffusion.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import emnist.diffusion.IdxFiles;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IdxTest {

  @TempDir Path folder;

  private Path file(String name, int... header) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(4 * header.length);
    for (int number : header) {
      bytes.putInt(number);
    }
    return Files.write(folder.resolve(name), bytes.array());
  }

  @ParameterizedTest
  @ValueSource(strings = {"images-idx3-ubyte", "images-idx3-ubyte.gz"})
  void readsTheImagesItWrites(String name) throws IOException {
    Path file = folder.resolve(name);
    IdxFiles.writeImages(file, Fixtures.images(5));
    assertThat(Idx.readImages(file)).usingRecursiveComparison().isEqualTo(Fixtures.images(5));
  }

  @ParameterizedTest
  @ValueSource(strings = {"labels-idx1-ubyte", "labels-idx1-ubyte.gz"})
  void readsTheLabelsItWrites(String name) throws IOException {
    Path file = folder.resolve(name);
    IdxFiles.writeLabels(file, Fixtures.bytes(0, 9, 255));
    assertThat(Idx.readLabels(file)).isEqualTo(Fixtures.bytes(0, 9, 255));
  }

  @Test
  void writesTheFormatOfMnist() throws IOException {
    Path file = folder.resolve("images");
    IdxFiles.writeImages(file, Fixtures.images(1));
    assertThat(Files.readAllBytes(file))
        .containsExactly(0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 1, 2, 3, 4, 5);
  }

  @Test
  void refusesAWrongMagicNumber() throws IOException {
    Path file = folder.resolve("labels");
    IdxFiles.writeLabels(file, new byte[20]);
    assertThatThrownBy(() -> Idx.readImages(file))
        .isInstanceOf(IOException.class)
        .hasMessage(
            "Expected the magic number 2051 (3-dimensional unsigned bytes) in %s, found 2049. Fetch the file again.",
            file);
  }

  @Test
  void refusesATruncatedGzip() throws IOException {
    Path file = folder.resolve("images.gz");
    IdxFiles.writeImages(file, Fixtures.images(100));
    byte[] whole = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(whole, whole.length / 2));
    assertThatThrownBy(() -> Idx.readImages(file))
        .isInstanceOf(IOException.class)
        .hasMessage(
            "Expected a complete file in %s, found one that ends too early. Fetch the file again.",
            file);
  }

  @Test
  void refusesAGzipWithoutItsChecksum() throws IOException {
    Path file = folder.resolve("images.gz");
    IdxFiles.writeImages(file, Fixtures.images(100));
    byte[] whole = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(whole, whole.length - 4));
    assertThatThrownBy(() -> Idx.readImages(file)).hasMessageContaining("ends too early");
  }

  @Test
  void refusesADamagedGzip() throws IOException {
    Path file = folder.resolve("images.gz");
    IdxFiles.writeImages(file, Fixtures.images(100));
    byte[] whole = Files.readAllBytes(file);
    whole[whole.length - 6] ^= 1;
    Files.write(file, whole);
    assertThatThrownBy(() -> Idx.readImages(file))
        .hasMessage(
            "Expected an intact gzip file in %s, found \"Corrupt GZIP trailer\". Fetch the file again.",
            file);
  }

  @Test
  void readsARawFileThatIsOnlyCalledGzip() throws IOException {
    Path file = file("images.gz", 2051, 0, 1, 1);
    assertThat(Idx.readImages(file).count()).isZero();
  }

  @Test
  void readsAGzipFileThatIsNotCalledGzip() throws IOException {
    IdxFiles.writeLabels(folder.resolve("labels.gz"), Fixtures.bytes(0, 9, 255));
    for (String name : List.of("labels", "labels.GZ", "labels.idx1-ubyte")) {
      Path file = Files.copy(folder.resolve("labels.gz"), folder.resolve(name));
      assertThat(Idx.readLabels(file)).isEqualTo(Fixtures.bytes(0, 9, 255));
    }
  }

  @Test
  void readsAGzipFileOfSeveralParts() throws IOException {
    byte[] header = Files.readAllBytes(file("header", 2049, 6));
    Path start = Files.copy(gzip(header, 1), folder.resolve("start"));
    byte[] parts = Files.readAllBytes(gzip(Fixtures.bytes(7, 8), 3));
    Files.write(start, parts, StandardOpenOption.APPEND);
    assertThat(Idx.readLabels(start)).isEqualTo(Fixtures.bytes(7, 8, 7, 8, 7, 8));
  }

  @Test
  void refusesAGzipFileThatBeginsLikeOneOnly() throws IOException {
    Path file = Files.write(folder.resolve("labels"), Fixtures.bytes(0x1f, 0x8b, 7, 7, 7));
    assertThatThrownBy(() -> Idx.readLabels(file))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(file.toString());
  }

  @Test
  void refusesAMissingFileAndAFolder() {
    for (Path path : List.of(folder.resolve("none"), folder)) {
      assertThatThrownBy(() -> Idx.readImages(path))
          .isInstanceOf(IOException.class)
          .hasMessage(
              "Expected a file %s that may be read, found none. Check its path and its permissions.",
              path);
    }
  }

  @Test
  void refusesAFileThatEndsInTheHeader() throws IOException {
    Path file = file("images", 2051, 5);
    assertThatThrownBy(() -> Idx.readImages(file))
        .hasMessageStartingWith("Expected a complete file in %s", file);
  }

  @Test
  void refusesTooFewBytes() throws IOException {
    Path file = file("images", 2051, 1, 2, 4, 0);
    assertThatThrownBy(() -> Idx.readImages(file))
        .hasMessage(
            "Expected 8 bytes after the header in %s, found 4. Fetch the file again.", file);
  }

  @Test
  void refusesTrailingBytes() throws IOException {
    Path file = file("labels", 2049, 3, 0);
    assertThatThrownBy(() -> Idx.readLabels(file))
        .hasMessage(
            "Expected 3 bytes after the header in %s, found more. Fetch the file again.", file);
  }

  @Test
  void refusesAHeaderBeyondEveryMemory() throws IOException {
    Path file = file("images", 2051, Integer.MAX_VALUE, Integer.MAX_VALUE, Integer.MAX_VALUE);
    assertThatThrownBy(() -> Idx.readImages(file))
        .hasMessage(
            "Expected at most 2 GiB of data in %s, found a header that announces more. Fetch the file again.",
            file);
  }

  @Test
  void refusesANegativeCount() throws IOException {
    Path file = file("labels", 2049, -1);
    assertThatThrownBy(() -> Idx.readLabels(file)).hasMessageContaining("announces more");
  }

  @Test
  void takesNoMemoryForBytesThatDoNotCome() throws IOException {
    Path file = file("labels", 2049, Integer.MAX_VALUE);
    assertThatThrownBy(() -> Idx.readLabels(file))
        .isInstanceOf(IOException.class)
        .hasMessage(
            "Expected 2147483647 bytes after the header in %s, found 0. Fetch the file again.",
            file);
  }

  @Test
  void takesNoMemoryForMoreThanAGzipFileCanHold() throws IOException {
    Path file = gzip(Files.readAllBytes(file("labels", 2049, 1_000_000_000)), 1);
    assertThatThrownBy(() -> Idx.readLabels(file))
        .isInstanceOf(IOException.class)
        .hasMessage(
            "Expected 1000000000 bytes after the header in %s, found %s bytes in all, gzipped, too few for that. Fetch the file again.",
            file, Files.size(file));
  }

  @Test
  void readsAsMuchAsAGzipFileCanHold() throws IOException {
    Path file = folder.resolve("labels.gz");
    IdxFiles.writeLabels(file, new byte[10_000_000]);
    assertThat(Files.size(file)).isLessThan(10_000);
    assertThat(Idx.readLabels(file)).hasSize(10_000_000);
  }

  @Test
  void refusesWhatNoHeapHolds() throws IOException {
    // Java has no array of that length, however large the heap.
    Path file = file("labels", 2049, Integer.MAX_VALUE);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.allocate(1), 7L + Integer.MAX_VALUE);
    }
    assertThatThrownBy(() -> Idx.readLabels(file))
        .isInstanceOf(IOException.class)
        .hasMessage(
            "Expected room for the 2147483647 bytes of %s, found less in a Java heap of %s. Start Java with a larger -Xmx.",
            file, Runtime.getRuntime().maxMemory());
  }

  @Test
  void refusesThousandsOfEmptyGzipFilesInOne() throws IOException {
    Path file = gzip(new byte[0], 200_000);
    assertThatThrownBy(() -> Idx.readLabels(file))
        .isInstanceOf(IOException.class)
        .hasMessage(
            "Expected a gzip file of one part in %s, found thousands of empty ones. Fetch the file again.",
            file);
  }

  /** The same gzip file, several times. */
  private Path gzip(byte[] content, int times) throws IOException {
    ByteArrayOutputStream part = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(part)) {
      out.write(content);
    }
    ByteBuffer all = ByteBuffer.allocate(part.size() * times);
    while (all.hasRemaining()) {
      all.put(part.toByteArray());
    }
    return Files.write(folder.resolve("labels.gz"), all.array());
  }

  @Test
  void refusesAnImageOfMorePixelsThanOneHas() throws IOException {
    Path file = file("images", 2051, 0, 1 << 13, 1 << 12);
    assertThatThrownBy(() -> Idx.readImages(file))
        .isInstanceOf(IOException.class)
        .hasMessage(
            "Expected images of at most 16777216 pixels in %s, found 8192 x 4096. Fetch the file again.",
            file);
  }

  @Test
  void refusesImagesWithoutPixels() throws IOException {
    Path file = file("images", 2051, 7, 0, 28);
    assertThatThrownBy(() -> Idx.readImages(file))
        .hasMessage(
            "Expected images of at least one pixel in %s, found 0 x 28. Fetch the file again.",
            file);
  }
}
