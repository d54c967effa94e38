package emnist.diffusion.extras.shards;

import ai.djl.ndarray.NDManager;
import emnist.diffusion.TinyModel;
import emnist.diffusion.generation.DDPMPipeline;
import emnist.diffusion.image.ImageBatch;
import emnist.diffusion.metrics.FeatureExtractor;
import emnist.diffusion.metrics.ImageFeatures;
import emnist.diffusion.scheduler.DPMSolverMultistepSchedulerConfig;

/** Sample sets that take no time: 8x8 images of three classes in two steps. */
public final class TinySamples {

  /** Two features, the sums over the upper and the lower half: enough to tell images apart. */
  public static final FeatureExtractor EXTRACTOR = new Halves();

  private static final int STEPS = 2;

  private TinySamples() {}

  /** A network with random weights, the same ones each time. */
  public static DDPMPipeline pipeline(NDManager manager) {
    return pipeline(manager, 1);
  }

  static DDPMPipeline pipeline(NDManager manager, long seed) {
    return new DDPMPipeline(
        TinyModel.create(manager, seed, ", \"num_class_embeds\": 4"),
        DPMSolverMultistepSchedulerConfig.fromJson("{}").createScheduler(),
        3);
  }

  /** What that network's first images are generated from. */
  public static SampleSet set(DDPMPipeline pipeline, int images, int imagesPerShard) {
    return SampleSet.of(pipeline, EXTRACTOR, images, imagesPerShard, STEPS);
  }

  private record Halves() implements FeatureExtractor {

    @Override
    public String name() {
      return "halves";
    }

    @Override
    public int dimension() {
      return 2;
    }

    @Override
    public int classes() {
      return 1;
    }

    @Override
    public ImageFeatures extract(ImageBatch images) {
      float[][] features = new float[images.n()][2];
      int size = images.pixelsPerImage();
      for (int i = 0; i < images.pixels().length; i++) {
        features[i / size][2 * (i % size) / size] += images.pixels()[i];
      }
      return new ImageFeatures(features, new float[images.n()][1]);
    }
  }
}
