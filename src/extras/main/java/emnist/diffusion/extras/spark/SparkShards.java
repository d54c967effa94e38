package emnist.diffusion.extras.spark;

import ai.djl.ndarray.NDManager;
import emnist.diffusion.extras.shards.SampleFolder;
import emnist.diffusion.extras.shards.Shard;
import emnist.diffusion.extras.shards.ShardWriter;
import emnist.diffusion.torch.Devices;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import org.apache.spark.api.java.JavaSparkContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Spreads the shards of a sample set over the cores of a Spark cluster, whose machines share a file
 * system.
 *
 * <p>Only the numbers of shards are sent. A shard is the same whoever writes it, so Spark may lose
 * workers and repeat tasks.
 */
public final class SparkShards {

  private static final Logger LOG = LoggerFactory.getLogger(SparkShards.class);

  /** With more parts a slow machine matters less; with fewer parts fewer networks are loaded. */
  private static final int PARTS_PER_CORE = 4;

  private SparkShards() {}

  /**
   * Writes the shards that are missing. If one cannot be written, the rest of its part of the work
   * is skipped and all other parts are completed; nothing is written after this returns or throws.
   *
   * @param folder in the shared file system
   * @param worker opened once for each part of the work, at most {@value #PARTS_PER_CORE} times per
   *     core
   * @return number of shards that were missing
   * @throws IllegalStateException naming the shards that could not be written; finished ones stay
   */
  public static int write(JavaSparkContext spark, SampleFolder folder, ShardWorker worker)
      throws IOException {
    List<Integer> missing = folder.missing().stream().map(Shard::index).toList();
    if (!missing.isEmpty()) {
      int parts = Math.min(missing.size(), PARTS_PER_CORE * spark.defaultParallelism());
      String path = folder.folder().toAbsolutePath().toString();
      List<String> failures =
          spark
              .parallelize(missing, parts)
              .mapPartitions(
                  numbers -> writePart(Path.of(path), numbers, worker).stream().iterator())
              .collect();
      if (!failures.isEmpty()) {
        throw new IllegalStateException(
            String.join("\n", new LinkedHashSet<>(failures))); // often the same
      }
    }
    return missing.size();
  }

  /** Writes shards up to the first that fails; the reason if one does. */
  private static Optional<String> writePart(
      Path path, Iterator<Integer> numbers, ShardWorker worker) throws InterruptedException {
    try (NDManager manager = NDManager.newBaseManager(Devices.named(System.getenv("DEVICE")))) {
      SampleFolder folder = SampleFolder.open(path);
      List<Shard> shards = folder.set().shards();
      ShardWriter writer = worker.open(manager, folder);
      while (numbers.hasNext()) {
        write(writer, shards.get(numbers.next()));
      }
      return Optional.empty();
    } catch (IOException | RuntimeException e) {
      LOG.warn("A part of the work is skipped.", e);
      return Optional.of(reason(e));
    }
  }

  private static void write(ShardWriter writer, Shard shard) throws InterruptedException {
    try {
      writer.write(shard);
    } catch (IOException | RuntimeException e) {
      throw new IllegalStateException(
          "Expected shard %s (images %s to %s) to be written, found %s. Remove the cause and run again; finished shards stay."
              .formatted(shard.index(), shard.from(), shard.to() - 1, e),
          e);
    }
  }

  /** The sentence for the user. */
  static String reason(Exception failure) {
    boolean isSentence =
        failure instanceof IllegalArgumentException || failure instanceof IllegalStateException;
    return isSentence ? failure.getMessage() : failure.toString();
  }
}
