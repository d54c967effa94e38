package emnist.diffusion.extras.shards;

import emnist.diffusion.config.Json;
import emnist.diffusion.config.MalformedJson;
import emnist.diffusion.data.Idx;
import emnist.diffusion.extras.data.IdxWriter;
import emnist.diffusion.extras.metrics.MergedStatistics;
import emnist.diffusion.extras.metrics.StatisticsFile;
import emnist.diffusion.files.AtomicFiles;
import emnist.diffusion.files.Sha256;
import emnist.diffusion.metrics.FeatureStatistics;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The folder of a sample set.
 *
 * <pre>
 * sample_set.json                       what is generated
 * shard_00000-images-idx3-ubyte         its images, in EMNIST's format, upright
 * shard_00000-statistics.npy            statistics of their features
 * shard_00000.sha256                    checksums of both, for {@code sha256sum -c} too
 * shard_00001-images-idx3-ubyte
 * ...
 * </pre>
 *
 * <p>Files are written under another name and then moved, so a file with its final name is
 * complete, and any number of processes may write shards at the same time, even the same one. The
 * checksums come last: a shard is finished if they are there and right.
 *
 * @param folder the folder
 * @param set what it contains
 */
public record SampleFolder(Path folder, SampleSet set) {

  private static final String SAMPLE_SET = "sample_set.json";
  private static final int MAX_CHECKSUM_BYTES = 1000;

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

  private Path checksums(Shard shard) {
    return folder.resolve(shard.name() + ".sha256");
  }

  /** Writes a shard, replacing what is there of it. */
  void write(Shard shard, Idx.Images images, FeatureStatistics statistics) throws IOException {
    StringBuilder lines = new StringBuilder();
    AtomicFiles.writeFile(
        images(shard),
        file -> {
          IdxWriter.writeImages(file, images);
          lines.append(line(images(shard), file));
        });
    AtomicFiles.writeFile(
        statistics(shard),
        file -> {
          StatisticsFile.write(file, statistics);
          lines.append(line(statistics(shard), file));
        });
    AtomicFiles.writeFile(checksums(shard), file -> Files.writeString(file, lines));
  }

  /** Whether the files of a shard are those that its checksums belong to; reads all of them. */
  public boolean isFinished(Shard shard) throws IOException {
    return wrongFile(shard).isEmpty();
  }

  /** The first file of a shard that is missing, or not the one that its checksum belongs to. */
  private Optional<Path> wrongFile(Shard shard) throws IOException {
    Path checksums = checksums(shard);
    if (!Files.isRegularFile(checksums) || Files.size(checksums) > MAX_CHECKSUM_BYTES) {
      return Optional.of(checksums);
    }
    String lines = Files.readString(checksums, StandardCharsets.ISO_8859_1);
    for (Path file : List.of(images(shard), statistics(shard))) {
      if (!Files.isRegularFile(file) || !lines.contains(line(file, file))) {
        return Optional.of(file);
      }
    }
    return Optional.empty();
  }

  private static String line(Path file, Path content) throws IOException {
    return "%s  %s\n".formatted(Sha256.of(content), file.getFileName());
  }

  /** The shards that are not finished, those with a damaged file among them. */
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
   * @throws IllegalStateException if shards are missing or damaged, with their numbers and a file
   * @throws IOException if a file cannot be read
   */
  public FeatureStatistics statistics() throws IOException {
    List<Shard> missing = missing();
    if (!missing.isEmpty()) {
      throw new IllegalStateException(
          "Expected %s finished shards in %s, found files missing or of other checksums in number %s, the first of them %s. Generate these shards."
              .formatted(
                  set.shards().size(),
                  folder,
                  ShardNumbers.ranges(missing),
                  wrongFile(missing.get(0)).map(Path::getFileName).orElse(null)));
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

  private static void requireSame(Path folder, SampleSet wanted, SampleSet found) {
    if (!wanted.equals(found)) {
      throw new IllegalArgumentException(
          "Expected the same sample set in %s, found different values: %s. Choose another folder, or use the values it has."
              .formatted(folder, Json.differences(Json.tree(wanted), Json.tree(found))));
    }
  }
}
