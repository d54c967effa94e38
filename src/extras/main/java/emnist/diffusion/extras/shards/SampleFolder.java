package emnist.diffusion.extras.shards;

import emnist.diffusion.config.Json;
import emnist.diffusion.config.MalformedJson;
import emnist.diffusion.extras.metrics.MergedStatistics;
import emnist.diffusion.extras.metrics.StatisticsFile;
import emnist.diffusion.files.AtomicFiles;
import emnist.diffusion.metrics.FeatureStatistics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The folder of a sample set.
 *
 * <pre>
 * sample_set.json                       what is generated
 * shard_00000-images-idx3-ubyte         its images, in EMNIST's format, upright
 * shard_00000-statistics.npy            statistics of their features
 * shard_00001-images-idx3-ubyte
 * ...
 * </pre>
 *
 * <p>Files are written under another name and then moved, so a file with its final name is
 * complete, and any number of processes may write shards at the same time, even the same one.
 *
 * @param folder the folder
 * @param set what it contains
 */
public record SampleFolder(Path folder, SampleSet set) {

  private static final String SAMPLE_SET = "sample_set.json";
  private static final int IDX_HEADER_BYTES = 16;

  /**
   * Creates the folder, or resumes one of the same sample set; then removes what a crash has left
   * unfinished. No worker may be writing there.
   *
   * @throws IllegalArgumentException if the folder contains another sample set
   */
  public static SampleFolder create(Path folder, SampleSet set) throws IOException {
    Path file = folder.resolve(SAMPLE_SET);
    if (Files.exists(file)) {
      requireSame(folder, set, open(folder).set());
    } else {
      Files.createDirectories(folder);
      AtomicFiles.writeFile(file, json -> Files.writeString(json, set.toJson()));
    }
    AtomicFiles.removeLeftovers(folder);
    return new SampleFolder(folder, set);
  }

  /**
   * Opens a folder that {@link #create} has created.
   *
   * @throws IllegalArgumentException if it contains no sample set
   */
  public static SampleFolder open(Path folder) throws IOException {
    Path file = folder.resolve(SAMPLE_SET);
    if (!Files.isRegularFile(file)) {
      throw new IllegalArgumentException(
          "Expected a %s in %s, found none. Check the path.".formatted(SAMPLE_SET, folder));
    }
    try {
      return new SampleFolder(folder, SampleSet.fromJson(Json.text(file)));
    } catch (IllegalArgumentException | MalformedJson e) {
      throw new IllegalArgumentException(file + ": " + e.getMessage(), e);
    }
  }

  /** The IDX file of a shard's images. */
  public Path images(Shard shard) {
    return folder.resolve(shard.name() + "-images-idx3-ubyte");
  }

  /** The file of a shard's statistics; see {@link StatisticsFile}. */
  public Path statistics(Shard shard) {
    return folder.resolve(shard.name() + "-statistics.npy");
  }

  /** Whether both files of a shard exist in their full size. */
  public boolean isFinished(Shard shard) throws IOException {
    int size = set.network().imageSize();
    long pixels = (long) shard.images() * size * size;
    return hasSize(images(shard), IDX_HEADER_BYTES + pixels)
        && hasSize(statistics(shard), StatisticsFile.bytes(set.extractor().dimension()));
  }

  /** The shards that are not finished. */
  public List<Shard> missing() throws IOException {
    List<Shard> missing = new ArrayList<>();
    for (Shard shard : set.shards()) {
      if (!isFinished(shard)) {
        missing.add(shard);
      }
    }
    return missing;
  }

  /**
   * The statistics of all images, merged from those of the shards in their order.
   *
   * @throws IllegalStateException if shards are missing
   * @throws IOException if a file is damaged
   */
  public FeatureStatistics statistics() throws IOException {
    List<Shard> missing = missing();
    if (!missing.isEmpty()) {
      throw new IllegalStateException(
          "Expected %s finished shards in %s, found none of number %s. Generate them first."
              .formatted(set.shards().size(), folder, ShardNumbers.ranges(missing)));
    }
    FeatureStatistics all = MergedStatistics.none(set.extractor().dimension());
    for (Shard shard : set.shards()) {
      FeatureStatistics part = StatisticsFile.read(statistics(shard));
      if (part.samples() != shard.images()) {
        throw new IOException(
            "Expected the statistics of %s images in %s, found those of %s. Remove the file and generate the shard again."
                .formatted(shard.images(), statistics(shard), part.samples()));
      }
      all = MergedStatistics.of(all, part);
    }
    return all;
  }

  private static boolean hasSize(Path file, long bytes) throws IOException {
    return Files.isRegularFile(file) && Files.size(file) == bytes;
  }

  private static void requireSame(Path folder, SampleSet wanted, SampleSet found) {
    if (!wanted.equals(found)) {
      throw new IllegalArgumentException(
          "Expected the same sample set in %s, found different values: %s. Choose another folder, or use the values it has."
              .formatted(folder, Json.differences(Json.tree(wanted), Json.tree(found))));
    }
  }
}
