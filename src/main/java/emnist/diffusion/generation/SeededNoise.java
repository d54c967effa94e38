package emnist.diffusion.generation;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import emnist.diffusion.random.CounterRandom;
import emnist.diffusion.scheduler.NoiseSource;
import emnist.diffusion.torch.TorchRandom;
import java.util.stream.LongStream;

/**
 * The noise that images are made from, a function of each image's own seed: an image is the same
 * alone and in any batch.
 */
public final class SeededNoise implements NoiseSource {

  private final long[] seeds;

  /** Noise for images with the given seeds. */
  public SeededNoise(long... seeds) {
    this.seeds = seeds.clone();
  }

  /** Noise for {@code images} images with the seeds {@code firstSeed, firstSeed + 1, ...}. */
  public static SeededNoise from(long firstSeed, int images) {
    return new SeededNoise(seeds(firstSeed, images));
  }

  /** The seeds {@code firstSeed, firstSeed + 1, ...}; -2^63 follows on 2^63 - 1. */
  public static long[] seeds(long firstSeed, int images) {
    return LongStream.range(0, images).map(i -> firstSeed + i).toArray();
  }

  /**
   * The noise a chain starts from.
   *
   * <p>On the CPU, image i is {@code torch.randn(shape,
   * generator=torch.Generator().manual_seed(seeds[i]))} of Python.
   *
   * @param imageShape {@code (C, H, W)}
   * @return {@code (N, C, H, W)}
   */
  public NDArray initial(NDManager manager, Shape imageShape) {
    return TorchRandom.normal(manager, seeds, imageShape);
  }

  @Override
  public NDArray draw(int step, NDArray like) {
    if (like.getShape().get(0) != seeds.length) {
      throw new IllegalArgumentException(
          "Expected a sample of %s images, one per seed, found shape %s. Pass as many seeds."
              .formatted(seeds.length, like.getShape()));
    }
    long[] stepSeeds = LongStream.of(seeds).map(seed -> CounterRandom.seed(seed, step)).toArray();
    return TorchRandom.normal(like.getManager(), stepSeeds, like.getShape().slice(1));
  }
}
