package emnist.diffusion.extras.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import emnist.diffusion.MutationFuzz;
import emnist.diffusion.metrics.FeatureStatistics;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class StatisticsFileTest {

  @TempDir Path folder;
  private final FeatureStatistics statistics =
      FeatureStatistics.of(new float[][] {{1, 0.1f}, {2, -3}, {4, 1e-3f}}, 2);
  private Path file;

  @BeforeEach
  void write() throws IOException {
    file = folder.resolve("statistics.npy");
    StatisticsFile.write(file, statistics);
  }

  @Test
  void readsWhatItWritesToTheBit() throws IOException {
    FeatureStatistics read = StatisticsFile.read(file);

    assertThat(read.samples()).isEqualTo(3);
    assertThat(read.mean()).isEqualTo(statistics.mean());
    assertThat(read.covariance()).isEqualTo(statistics.covariance());
  }

  @Test
  void keepsStatisticsOfNothing() throws IOException {
    StatisticsFile.write(file, MergedStatistics.none(2));

    assertThat(StatisticsFile.read(file).samples()).isZero();
  }

  @Test
  void hasTheSizeItSays() throws IOException {
    assertThat(Files.size(file)).isEqualTo(StatisticsFile.bytes(2)).isEqualTo(128 + 9 * 8);
  }

  @Test
  void isAnArrayOfNumpy() throws IOException {
    String header = new String(Files.readAllBytes(file), 0, 128, StandardCharsets.ISO_8859_1);

    assertThat(header)
        .startsWith(
            "\u0093NUMPY\1\0\166\0{'descr': '<f8', 'fortran_order': False, 'shape': (3, 3), }   ")
        .endsWith(" \n");
  }

  @Test
  void refusesAFileCutShort() throws IOException {
    Files.write(file, Arrays.copyOf(Files.readAllBytes(file), 150));

    assertDamaged("150 bytes");
  }

  @Test
  void refusesAnEmptyFile() throws IOException {
    Files.write(file, new byte[0]);

    assertDamaged("0 bytes");
  }

  @Test
  void refusesAnArrayOfAnotherType() throws IOException {
    overwrite(22, 'i');

    assertDamaged("a different header");
  }

  @Test
  void refusesNumbersThatAreNotFinite() throws IOException {
    Arrays.asList(6, 7).forEach(i -> overwrite(128 + 8 + i, 0xFF));

    assertDamaged("the number NaN");
  }

  @Test
  void refusesPartsOfAVector() throws IOException {
    overwrite(128, 1);

    assertDamaged("3.0000000000000004 vectors");
  }

  @Test
  void refusesMoreVectorsThanAnyoneCounts() throws IOException {
    overwrite(128 + 7, 0x7e);

    assertDamaged(Double.longBitsToDouble(0x7e08L << 48) + " vectors");
  }

  @Test
  void refusesAFileBeyondTheHeap() throws IOException {
    long bytes = StatisticsFile.bytes(30_000);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.allocate(1), bytes - 1);
    }

    assertDamaged(bytes + " bytes");
  }

  @Test
  @Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void aFileIsReadOrRefused() throws Exception {
    MutationFuzz.run(
        IOException.class,
        bytes -> {
          Files.write(file, bytes);
          StatisticsFile.read(file);
        },
        Files.readAllBytes(file));
  }

  private void overwrite(int position, int value) {
    try {
      byte[] bytes = Files.readAllBytes(file);
      bytes[position] = (byte) value;
      Files.write(file, bytes);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private void assertDamaged(String found) {
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> StatisticsFile.read(file))
        .withMessage(
            "Expected the statistics of feature vectors in %s, found %s. Remove the file and generate it again.",
            file, found);
  }
}
