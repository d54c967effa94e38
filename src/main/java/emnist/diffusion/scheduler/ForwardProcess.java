package emnist.diffusion.scheduler;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.stream.Stream;

/**
 * The forward process with its factors stored on a device, so that a training loop uploads nothing
 * (Ho et al. 2020, equation 4).
 *
 * @param signal {@code sqrt(alphasCumprod)}, float32 {@code (T)}
 * @param noise {@code sqrt(1 - alphasCumprod)}, float32 {@code (T)}
 */
public record ForwardProcess(NDArray signal, NDArray noise) implements AutoCloseable {

  /**
   * Noisy images {@code sqrt(a_t) x_0 + sqrt(1 - a_t) noise}, where {@code a = alphasCumprod}.
   *
   * @param originalSamples {@code x_0}, {@code (N, ...)}
   * @param standardNormal noise of the same shape
   * @param timesteps integers {@code (N)}, each in {@code [0, T)}
   * @return a new array of the manager of {@code originalSamples}
   * @throws IllegalArgumentException if the shapes do not fit together or, on the CPU, a timestep
   *     is out of range
   */
  public NDArray addNoise(NDArray originalSamples, NDArray standardNormal, NDArray timesteps) {
    requireFit(originalSamples, standardNormal, timesteps);
    try (ArrayScope scope = new ArrayScope(originalSamples)) {
      NDArray image = scaled(originalSamples, signal, timesteps);
      return scope.keep(image.addi(scaled(standardNormal, noise, timesteps)));
    }
  }

  /**
   * The target of a network with v-prediction, {@code sqrt(a_t) noise - sqrt(1 - a_t) x_0}
   * (Salimans and Ho 2022, appendix D), of the same arguments as {@link #addNoise}.
   */
  public NDArray velocity(NDArray samples, NDArray standardNormal, NDArray timesteps) {
    requireFit(samples, standardNormal, timesteps);
    try (ArrayScope scope = new ArrayScope(samples)) {
      NDArray target = scaled(standardNormal, signal, timesteps);
      return scope.keep(target.subi(scaled(samples, noise, timesteps)));
    }
  }

  /** Each sample times its factor, shaped {@code (N, 1, ..., 1)} to broadcast over its pixels. */
  private static NDArray scaled(NDArray samples, NDArray table, NDArray timesteps) {
    long[] shape = new long[samples.getShape().dimension()];
    Arrays.fill(shape, 1);
    shape[0] = samples.getShape().get(0);
    NDArray factors = table.gather(timesteps.toType(DataType.INT64, false), 0);
    return samples.mul(factors.reshape(new Shape(shape)));
  }

  private void requireFit(NDArray samples, NDArray noise, NDArray timesteps) {
    if (!noise.getShape().equals(samples.getShape())) {
      throw new IllegalArgumentException(
          "Expected noise of the samples' shape %s, found %s. Draw noise for each sample."
              .formatted(samples.getShape(), noise.getShape()));
    }
    long count = samples.getShape().get(0);
    if (!timesteps.getShape().equals(new Shape(count))) {
      throw new IllegalArgumentException(
          "Expected timesteps of shape (%s), one per sample, found %s. Pass as many timesteps as samples."
              .formatted(count, timesteps.getShape()));
    }
    // A look at a GPU's memory would wait for it.
    Number[] seen = timesteps.getDevice().isGpu() ? new Number[0] : timesteps.toArray();
    if (Stream.of(seen).anyMatch(t -> t.longValue() < 0 || t.longValue() >= signal.size())) {
      throw new IllegalArgumentException(
          "Expected timesteps from 0 to %s, found %s. Choose those of the schedule."
              .formatted(signal.size() - 1, Arrays.toString(seen)));
    }
  }

  @Override
  public void close() {
    signal.close();
    noise.close();
  }
}
