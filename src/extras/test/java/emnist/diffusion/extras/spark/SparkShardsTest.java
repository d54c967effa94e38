package emnist.diffusion.extras.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import ai.djl.ndarray.NDManager;
import emnist.diffusion.checkpoint.PretrainedModel;
import emnist.diffusion.checkpoint.SavePrecision;
import emnist.diffusion.extras.shards.SampleFolder;
import emnist.diffusion.extras.shards.SampleSet;
import emnist.diffusion.extras.shards.Shard;
import emnist.diffusion.extras.shards.ShardWriter;
import emnist.diffusion.extras.shards.TinySamples;
import emnist.diffusion.generation.DDPMPipeline;
import emnist.diffusion.model.UNet2DModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SparkShardsTest {

  private static final int SHARDS = 20;
  private static final FileTime LONG_AGO = FileTime.fromMillis(0);

  private record Worker(String network) implements ShardWorker {
    @Override
    public ShardWriter open(NDManager manager, SampleFolder folder) throws IOException {
      UNet2DModel unet = PretrainedModel.load(manager, Path.of(network));
      DDPMPipeline pipeline =
          new DDPMPipeline(unet, folder.set().sampling().scheduler().createScheduler());
      return new ShardWriter(folder, pipeline, TinySamples.EXTRACTOR);
    }
  }

  @TempDir private static Path network;
  private static JavaSparkContext spark;
  private static ShardWorker worker;
  private static SampleSet set;

  @TempDir Path temp;

  @BeforeAll
  static void startSpark() throws IOException {
    spark =
        new JavaSparkContext(
            new SparkConf()
                .setAppName("test")
                .setMaster("local[2]")
                .set("spark.ui.enabled", "false")
                .set("spark.driver.host", "127.0.0.1"));
    try (NDManager manager = NDManager.newBaseManager()) {
      DDPMPipeline pipeline = TinySamples.pipeline(manager);
      PretrainedModel.save(
          network, pipeline.unet().config(), pipeline.unet().parameters(), SavePrecision.FLOAT32);
      worker = new Worker(network.toString());
      set = TinySamples.set(pipeline, 50 * SHARDS, 50);
    }
  }

  @AfterAll
  static void stopSpark() {
    spark.close();
  }

  @Test
  void writesWhatOneProcessWritesByteByByte() throws Exception {
    SampleFolder alone = SampleFolder.create(temp.resolve("alone"), set);
    SampleFolder together = SampleFolder.create(temp.resolve("together"), set);
    try (NDManager manager = NDManager.newBaseManager()) {
      ShardWriter writer = worker.open(manager, alone);
      for (Shard shard : set.shards()) {
        writer.write(shard);
      }
    }

    SparkShards.write(spark, together, worker);

    assertThat(files(together)).hasSize(3 * SHARDS + 1).isEqualTo(files(alone));
  }

  @Test
  void writesOnlyWhatIsMissing() throws Exception {
    SampleFolder folder = SampleFolder.create(temp, set);
    assertThat(SparkShards.write(spark, folder, worker)).isEqualTo(SHARDS);
    Map<String, String> whole = files(folder);
    for (Shard shard : set.shards()) {
      Files.setLastModifiedTime(folder.images(shard), LONG_AGO);
    }
    for (Shard shard : set.shards().subList(5, 9)) {
      Files.delete(folder.statistics(shard));
    }

    assertThat(SparkShards.write(spark, folder, worker)).isEqualTo(4);

    assertThat(files(folder)).isEqualTo(whole);
    List<Shard> writtenAgain =
        set.shards().stream().filter(shard -> !isOld(folder.images(shard))).toList();
    assertThat(writtenAgain).isEqualTo(set.shards().subList(5, 9));
  }

  @Test
  void aShardThatCannotBeWrittenIsNamedAndTheOthersAreWritten() throws Exception {
    SampleFolder folder = SampleFolder.create(temp, set);
    Shard unlucky = set.shards().get(SHARDS - 1);
    Files.createDirectory(folder.images(unlucky));

    assertThatIllegalStateException()
        .isThrownBy(() -> SparkShards.write(spark, folder, worker))
        .withMessageStartingWith("Expected shard 19 (images 950 to 999) to be written, found ")
        .withMessageEndingWith(". Remove the cause and run again; finished shards stay.");

    assertThat(folder.missing()).containsExactly(unlucky);
    Files.delete(folder.images(unlucky));
    assertThat(SparkShards.write(spark, folder, worker)).isEqualTo(1);
    assertThat(folder.missing()).isEmpty();
    assertThat(folder.statistics().samples()).isEqualTo(set.images());
  }

  @Test
  void nothingMissingIsNothingToDo() throws Exception {
    SampleFolder folder = SampleFolder.create(temp, set);
    SparkShards.write(spark, folder, worker);

    assertThat(SparkShards.write(spark, folder, worker)).isZero();
  }

  @Test
  void aWorkerThatCannotLoadSaysWhy() throws Exception {
    SampleFolder folder = SampleFolder.create(temp, set);

    assertThatIllegalStateException()
        .isThrownBy(() -> SparkShards.write(spark, folder, new Worker("nowhere")))
        .withMessage("Expected a network in nowhere, found no config.json there. Check the path.");
  }

  private static Map<String, String> files(SampleFolder folder) throws IOException {
    Map<String, String> contents = new TreeMap<>();
    try (Stream<Path> files = Files.list(folder.folder())) {
      for (Path file : files.toList()) {
        contents.put(
            file.getFileName().toString(), HexFormat.of().formatHex(Files.readAllBytes(file)));
      }
    }
    return contents;
  }

  private static boolean isOld(Path file) {
    try {
      return Files.getLastModifiedTime(file).equals(LONG_AGO);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
