package emnist.diffusion.extras.shards;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ai.djl.ndarray.NDManager;
import emnist.diffusion.checkpoint.Safetensors;
import emnist.diffusion.data.Idx;
import emnist.diffusion.extras.metrics.StatisticsFile;
import emnist.diffusion.generation.DDPMPipeline;
import emnist.diffusion.image.ImageBatch;
import emnist.diffusion.image.Pixels;
import emnist.diffusion.metrics.FeatureStatistics;
import emnist.diffusion.metrics.FrechetDistance;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ShardWriterTest {

  private static final int IMAGES = 150;
  private static final FileTime LONG_AGO = FileTime.fromMillis(0);

  private static NDManager manager;
  private static DDPMPipeline pipeline;
  private static ImageBatch all;

  @TempDir Path temp;

  @BeforeAll
  static void generateAtOnce() throws InterruptedException {
    manager = NDManager.newBaseManager();
    pipeline = TinySamples.pipeline(manager);
    // Full batches only: in a shorter one, the last bits of an image may differ.
    int[] classes = IntStream.range(0, 192).map(i -> i % 3).toArray();
    all = pipeline.generate(classes, 0, 2).slice(0, IMAGES);
  }

  @AfterAll
  static void freeArrays() {
    manager.close();
  }

  @ParameterizedTest
  @ValueSource(ints = {7, 64, 100, 1000})
  void anImageIsTheSameWhateverTheSizeOfAShard(int imagesPerShard) throws Exception {
    SampleFolder folder = generated(imagesPerShard);

    byte[] expected = new byte[IMAGES * 64];
    for (int i = 0; i < expected.length; i++) {
      expected[i] = (byte) Pixels.toUnsignedByte(all.pixels()[i]);
    }
    assertThat(pixels(folder)).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(ints = {7, 64, 100, 1000})
  void theStatisticsOfTheShardsAreThoseOfAllImagesAtOnce(int imagesPerShard) throws Exception {
    FeatureStatistics merged = generated(imagesPerShard).statistics();

    FeatureStatistics expected = atOnce();
    assertThat(merged.samples()).isEqualTo(IMAGES);
    assertClose(merged.mean(), expected.mean());
    assertClose(merged.covariance(), expected.covariance());
  }

  @Test
  void theDistanceOfTheShardsIsThatOfAllImagesAtOnce() throws Exception {
    FeatureStatistics real = FeatureStatistics.of(new float[][] {{1, 2}, {3, 5}, {-8, 4}}, 2);

    double distance = FrechetDistance.between(real, generated(32).statistics());

    assertThat(distance)
        .isCloseTo(FrechetDistance.between(real, atOnce()), Percentage.withPercentage(1e-8));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 3})
  void theNullClassIsNeverALetter(int nullClass) throws Exception {
    DDPMPipeline other = pipeline.withNullClass(nullClass);
    SampleFolder folder = SampleFolder.create(temp, TinySamples.set(other, 64, 64));
    new ShardWriter(folder, other, TinySamples.EXTRACTOR).write(folder.missing().get(0));

    int[] classes =
        IntStream.range(0, 64).map(i -> i % 3).map(i -> i < nullClass ? i : i + 1).toArray();
    float[] expected = pipeline.generate(classes, 0, 2).pixels();
    byte[] pixels = new byte[expected.length];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (byte) Pixels.toUnsignedByte(expected[i]);
    }
    assertThat(pixels(folder)).isEqualTo(pixels);
  }

  @Test
  void aFinishedShardIsLeftAlone() throws Exception {
    SampleFolder folder = generated(100);
    Shard shard = folder.set().shards().get(0);
    Files.setLastModifiedTime(folder.images(shard), LONG_AGO);

    assertThat(writer(folder).write(shard)).isFalse();

    assertThat(Files.getLastModifiedTime(folder.images(shard))).isEqualTo(LONG_AGO);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 10, 16 + 50 * 64})
  void aShardWithDamagedImagesIsWrittenAgain(int zeros) throws Exception {
    SampleFolder folder = generated(100);
    Shard shard = folder.set().shards().get(1);
    byte[] intact = Files.readAllBytes(folder.images(shard));
    Files.write(folder.images(shard), new byte[zeros]);
    assertThat(folder.missing()).containsExactly(shard);

    assertThat(writer(folder).write(shard)).isTrue();

    assertThat(Files.readAllBytes(folder.images(shard))).isEqualTo(intact);
    assertThat(folder.missing()).isEmpty();
  }

  @Test
  void nothingUnfinishedIsLeftBehind() throws Exception {
    SampleFolder folder = generated(100);

    try (Stream<Path> files = Files.list(folder.folder())) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrder(
              "sample_set.json",
              "shard_00000-images-idx3-ubyte",
              "shard_00000-statistics.npy",
              "shard_00000.sha256",
              "shard_00001-images-idx3-ubyte",
              "shard_00001-statistics.npy",
              "shard_00001.sha256");
    }
  }

  @Test
  void anInterruptedShardIsNotFinished() throws Exception {
    SampleFolder folder = SampleFolder.create(temp, TinySamples.set(pipeline, IMAGES, 100));
    Shard shard = folder.set().shards().get(0);
    Thread.currentThread().interrupt();

    assertThatExceptionOfType(InterruptedException.class)
        .isThrownBy(() -> writer(folder).write(shard));

    assertThat(folder.missing()).contains(shard);
  }

  @Test
  void refusesAnotherNetwork() throws IOException {
    SampleFolder folder = SampleFolder.create(temp, TinySamples.set(pipeline, IMAGES, 100));
    DDPMPipeline other = TinySamples.pipeline(manager, 2);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> new ShardWriter(folder, other, TinySamples.EXTRACTOR))
        .withMessage(
            "Expected the network %s of %s, found %s. Load the one that the set was started with.",
            folder.set().network().sha256(), temp, Safetensors.sha256(other.unet().parameters()));
  }

  private SampleFolder generated(int imagesPerShard) throws Exception {
    SampleFolder folder =
        SampleFolder.create(temp, TinySamples.set(pipeline, IMAGES, imagesPerShard));
    for (Shard shard : folder.missing()) {
      writer(folder).write(shard);
    }
    return folder;
  }

  private static ShardWriter writer(SampleFolder folder) {
    return new ShardWriter(folder, pipeline, TinySamples.EXTRACTOR);
  }

  private static byte[] pixels(SampleFolder folder) throws IOException {
    ByteArrayOutputStream pixels = new ByteArrayOutputStream();
    List<Shard> shards = folder.set().shards();
    for (Shard shard : shards) {
      pixels.writeBytes(Idx.readImages(folder.images(shard)).pixels());
      assertThat(StatisticsFile.read(folder.statistics(shard)).samples()).isEqualTo(shard.images());
    }
    return pixels.toByteArray();
  }

  private static FeatureStatistics atOnce() {
    return FeatureStatistics.of(TinySamples.EXTRACTOR.extract(all).features(), 2);
  }

  private static void assertClose(double[] found, double[] expected) {
    for (int i = 0; i < expected.length; i++) {
      assertThat(found[i]).isCloseTo(expected[i], Percentage.withPercentage(1e-8));
    }
  }
}
