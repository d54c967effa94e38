package emnist.diffusion.extras.shards;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ai.djl.ndarray.NDManager;
import emnist.diffusion.extras.metrics.MergedStatistics;
import emnist.diffusion.extras.metrics.StatisticsFile;
import emnist.diffusion.generation.DDPMPipeline;
import emnist.diffusion.metrics.FeatureStatistics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
        Files.createFile(folder.folder().resolve(".shard_00001-statistics.npy-1-2-3.partial"));

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
            "Expected 9 finished shards in %s, found none of number 1-4, 6, 8. Generate them first.",
            folder.folder());
  }

  @Test
  void refusesStatisticsOfAnotherNumberOfImages() throws IOException {
    for (int i = 0; i < 9; i++) {
      finish(i);
    }
    Path file = folder.statistics(folder.set().shards().get(3));
    StatisticsFile.write(file, MergedStatistics.none(2));

    assertThatExceptionOfType(IOException.class)
        .isThrownBy(folder::statistics)
        .withMessage(
            "Expected the statistics of 1 images in %s, found those of 0. Remove the file and generate the shard again.",
            file);
  }

  private void finish(int index) throws IOException {
    Shard shard = folder.set().shards().get(index);
    Files.write(folder.images(shard), new byte[16 + 64]);
    FeatureStatistics one = FeatureStatistics.of(new float[][] {{index, 1}}, 2);
    StatisticsFile.write(folder.statistics(shard), one);
  }
}
