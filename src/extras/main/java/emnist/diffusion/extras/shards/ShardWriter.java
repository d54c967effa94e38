package emnist.diffusion.extras.shards;

import emnist.diffusion.checkpoint.Safetensors;
import emnist.diffusion.data.Idx;
import emnist.diffusion.extras.metrics.MergedStatistics;
import emnist.diffusion.generation.DDPMPipeline;
import emnist.diffusion.image.ImageBatch;
import emnist.diffusion.image.Pixels;
import emnist.diffusion.metrics.FeatureExtractor;
import emnist.diffusion.metrics.FeatureStatistics;
import java.io.IOException;
import java.util.Arrays;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/** Generates the shards of a folder; any number of writers may share the work. */
public final class ShardWriter {

  /** Images denoised together: the pipeline's own batches, counted from image 0. */
  private static final int BLOCK = DDPMPipeline.BATCH_SIZE;

  private final SampleFolder folder;
  private final SampleSet set;
  private final DDPMPipeline pipeline;
  private final FeatureExtractor extractor;

  /**
   * Prepares to write into {@code folder}.
   *
   * @param pipeline gives the network; scheduler and null class are the sample set's
   * @throws IllegalArgumentException if the network or the extractor is not the sample set's
   */
  public ShardWriter(SampleFolder folder, DDPMPipeline pipeline, FeatureExtractor extractor) {
    this.folder = folder;
    this.set = folder.set();
    this.extractor = extractor;
    SampleSet.Network network = set.network();
    SampleSet.Sampling sampling = set.sampling();
    requireEqual("network", network.sha256(), Safetensors.sha256(pipeline.unet().parameters()));
    requireEqual("extractor", set.extractor().name(), extractor.name());
    this.pipeline =
        new DDPMPipeline(
            pipeline.unet(), sampling.scheduler().createScheduler(), network.nullClass());
  }

  private void requireEqual(String what, String expected, String found) {
    if (!found.equals(expected)) {
      throw new IllegalArgumentException(
          "Expected the %s %s of %s, found %s. Load the one that the set was started with."
              .formatted(what, expected, folder.folder(), found));
    }
  }

  /**
   * Writes a shard unless it is finished already.
   *
   * <p>An image is denoised in the same block of {@value DDPMPipeline#BATCH_SIZE} images whatever
   * the shard, because in another block its last bits might differ. Of a block across two shards,
   * each keeps its own images, so shards of a multiple of that size waste nothing.
   *
   * @return whether there was something to do
   * @throws IOException if the files cannot be written; the shard is then not finished
   * @throws InterruptedException if the thread was interrupted; the shard is then not finished
   */
  public boolean write(Shard shard) throws IOException, InterruptedException {
    if (folder.isFinished(shard)) {
      return false;
    }
    int size = set.network().imageSize();
    byte[] pixels = new byte[shard.images() * size * size];
    int dimension = set.extractor().dimension();
    FeatureStatistics statistics = MergedStatistics.none(dimension);
    int written = 0;
    for (long start = shard.from() / BLOCK * BLOCK; start < shard.to(); start += BLOCK) {
      int from = (int) Math.max(shard.from() - start, 0);
      int to = (int) Math.min(shard.to() - start, BLOCK);
      ImageBatch block = block(start);
      float[][] features = Arrays.copyOfRange(extractor.extract(block).features(), from, to);
      statistics = MergedStatistics.of(statistics, FeatureStatistics.of(features, dimension));
      for (float pixel : block.slice(from, to).pixels()) {
        pixels[written++] = (byte) Pixels.toUnsignedByte(pixel);
      }
    }
    folder.write(shard, new Idx.Images(shard.images(), size, size, pixels), statistics);
    return true;
  }

  private ImageBatch block(long start) throws InterruptedException {
    SampleSet.Network network = set.network();
    SampleSet.Sampling sampling = set.sampling();
    int[] letters =
        IntStream.range(0, BLOCK).map(i -> (int) ((start + i) % network.classes())).toArray();
    long[] seeds = LongStream.range(0, BLOCK).map(i -> set.firstSeed() + start + i).toArray();
    return pipeline.generate(
        pipeline.conditioning().labels(letters),
        seeds,
        sampling.numInferenceSteps(),
        sampling.guidanceScale());
  }
}
