package emnist.diffusion.bench;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import emnist.diffusion.data.BuiltInLetters;
import emnist.diffusion.data.EmnistDataset;
import emnist.diffusion.image.ImageBatch;
import emnist.diffusion.metrics.FeatureStatistics;
import emnist.diffusion.metrics.FrechetDistance;
import emnist.diffusion.metrics.InceptionScore;
import emnist.diffusion.metrics.StructuralSimilarity;
import emnist.diffusion.random.CounterRandom;
import emnist.diffusion.torch.ImageArrays;
import java.io.IOException;
import java.util.Random;
import java.util.stream.IntStream;

/** Data, metrics and the first prediction. */
final class OtherCosts {

  private static final int IMAGES = 1040;
  private static final int BATCH = 128;

  private OtherCosts() {}

  static void print() throws IOException, InterruptedException {
    Bench.print("\n| what | ms |");
    Bench.print("| --- | ---: |");
    Bench.print(
        "| from starting Java to the first prediction of the small network | %.0f |",
        PeakMemory.of("first"));
    EmnistDataset data = BuiltInLetters.open(true);
    try (NDManager manager = NDManager.newBaseManager()) {
      var bytes =
          manager.create(
              data.pixels(),
              new Shape(data.size(), 1, data.height(), data.width()),
              DataType.UINT8);
      var indices = manager.create(IntStream.range(0, BATCH).toArray());
      row("a batch of 128 letters on the device", () -> ImageArrays.select(indices, bytes).close());
    }
    ImageBatch images = data.images(IntStream.range(0, IMAGES).toArray());
    row("SSIM of 1,040 pairs", () -> new StructuralSimilarity(2).perImage(images, images));
    float[][] small = features(64);
    row("FID of 1,040 against 1,040, 64 features", () -> fid(small));
    row("IS of 1,040 images, 26 classes", OtherCosts::inceptionScore);
  }

  private static void row(String what, Runnable task) {
    Bench.print("| %s | %.2f |", what, Timing.median(task));
  }

  private static void fid(float[][] features) {
    FeatureStatistics statistics = FeatureStatistics.of(features, features[0].length);
    FrechetDistance.between(statistics, statistics);
  }

  private static void inceptionScore() {
    InceptionScore.of(features(26), 10, new CounterRandom(0).permutation(IMAGES));
  }

  private static float[][] features(int dimension) {
    Random random = new Random(0);
    float[][] features = new float[IMAGES][dimension];
    for (float[] row : features) {
      for (int i = 0; i < dimension; i++) {
        row[i] = (float) random.nextGaussian();
      }
    }
    return features;
  }
}
