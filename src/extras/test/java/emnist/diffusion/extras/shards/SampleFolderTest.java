package emnist.diffusion.extras.shards;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ai.djl.ndarray.NDManager;
import emnist.diffusion.data.Idx;
import emnist.diffusion.extras.metrics.MergedStatistics;
import emnist.diffusion.files.Sha256;
import emnist.diffusion.generation.DDPMPipeline;
import emnist.diffusion.metrics.FeatureStatistics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SampleFolderTest {

  @TempDir Path temp;
  private final NDManager manager = NDManager.newBaseManager();
  private final DDPMPipeline pipeline = TinySamples.pipeline(manager);
  private SampleFolder folder;

  @BeforeEach
  void create() throws IOException {
    folder = SampleFolder.create(temp.resolve("samples"), TinySamples.set(pipeline, 9, 1));
  }

  @AfterEach
  void freeArrays() {
    manager.close();
  }

  @Test
  void aFolderSaysWhatItHolds() throws IOException {
    assertThat(SampleFolder.open(folder.folder())).isEqualTo(folder);
  }

  @Test
  void aFolderOfTheSameSampleSetIsResumed() throws IOException {
    finish(4);

    SampleFolder again = SampleFolder.create(folder.folder(), folder.set());

    assertThat(again.missing()).extracting(Shard::index).doesNotContain(4).hasSize(8);
  }

  @Test
  void refusesAnotherSampleSetAndShowsBothValues() {
    SampleSet other = SampleSet.of(pipeline, TinySamples.EXTRACTOR, 10, 1, 5);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> SampleFolder.create(folder.folder(), other))
        .withMessage(
            "Expected the same sample set in %s, found different values: images 9 where 10 is wanted, sampling.num_inference_steps 2 where 5 is wanted. Choose another folder, or use the values it has.",
            folder.folder());
  }

  @Test
  void refusesAFolderWithoutASampleSet() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SampleFolder.open(temp))
        .withMessage("Expected a sample_set.json in %s, found none. Check the path.", temp);
  }

  @Test
  void whatACrashLeftIsRemoved() throws IOException {
    Path leftover =
        Files.createFile(
            folder
                .folder()
                .resolve(".shard_00001-statistics.npy-0123456789abcdef0123456789abcdef.partial"));

    SampleFolder.create(folder.folder(), folder.set());

    assertThat(leftover).doesNotExist();
  }

  @Test
  void namesTheShardsThatAreMissing() throws IOException {
    finish(0);
    finish(5);
    finish(7);

    assertThatExceptionOfType(IllegalStateException.class)
        .isThrownBy(folder::statistics)
        .withMessage(
            "Expected 9 finished shards in %s, found files missing or of other checksums in number 1-4, 6, 8, the first of them shard_00001.sha256. Generate these shards.",
            folder.folder());
  }

  private interface Damage {
    void to(Path file) throws IOException;
  }

  private static void zero(Path file) throws IOException {
    Files.write(file, new byte[(int) Files.size(file)]);
  }

  private static void flipTheLastByte(Path file) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length - 1] ^= 1;
    Files.write(file, bytes);
  }

  @Test
  void namesTheFileThatIsDamaged() throws IOException {
    List<Damage> damages =
        List.of(SampleFolderTest::zero, SampleFolderTest::flipTheLastByte, Files::delete);
    for (Damage damage : damages) {
      for (String suffix : List.of("-images-idx3-ubyte", "-statistics.npy")) {
        finishAll();
        damage.to(folder.folder().resolve("shard_00003" + suffix));

        assertNamed(3, "shard_00003" + suffix);
      }
    }
  }

  private void assertNamed(int index, String file) throws IOException {
    assertThat(folder.missing()).extracting(Shard::index).containsExactly(index);
    assertThatExceptionOfType(IllegalStateException.class)
        .isThrownBy(folder::statistics)
        .withMessageContaining(
            " in number %s, the first of them %s. Generate these shards.", index, file);
  }

  @Test
  void aShardOfAnOlderVersionWithoutChecksumsIsMissing() throws IOException {
    finishAll();
    Files.delete(folder.folder().resolve("shard_00005.sha256"));

    assertNamed(5, "shard_00005.sha256");
  }

  @Test
  void refusesChecksumsOfTheWrongFileOrOfAnyLength() throws IOException {
    finishAll();
    Path checksums = folder.folder().resolve("shard_00002.sha256");
    Files.copy(
        folder.folder().resolve("shard_00001.sha256"),
        checksums,
        StandardCopyOption.REPLACE_EXISTING);
    assertNamed(2, "shard_00002-images-idx3-ubyte");

    finish(2);
    Files.writeString(checksums, " ".repeat(10_000), StandardOpenOption.APPEND);
    assertNamed(2, "shard_00002.sha256");
  }

  @Test
  void theChecksumsAreThoseOfSha256sum() throws IOException {
    finish(0);
    Path images = folder.images(folder.set().shards().get(0));

    assertThat(Files.readString(folder.folder().resolve("shard_00000.sha256")))
        .startsWith(Sha256.of(images) + "  shard_00000-images-idx3-ubyte\n")
        .endsWith("  shard_00000-statistics.npy\n");
  }

  @Test
  void refusesStatisticsOfAnotherNumberOfImages() throws IOException {
    finishAll();
    Shard shard = folder.set().shards().get(3);
    folder.write(shard, new Idx.Images(1, 8, 8, new byte[64]), MergedStatistics.none(2));

    assertThatExceptionOfType(IOException.class)
        .isThrownBy(folder::statistics)
        .withMessage(
            "Expected the statistics of 1 images in %s, found those of 0. Remove the file and generate the shard again.",
            folder.statistics(shard));
  }

  private void finishAll() throws IOException {
    for (int i = 0; i < 9; i++) {
      finish(i);
    }
  }

  private void finish(int index) throws IOException {
    Idx.Images images = new Idx.Images(1, 8, 8, new byte[64]);
    images.pixels()[index] = 1;
    FeatureStatistics one = FeatureStatistics.of(new float[][] {{index, 1}}, 2);
    folder.write(folder.set().shards().get(index), images, one);
  }
}
