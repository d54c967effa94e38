package emnist.diffusion.scheduler;

import ai.djl.ndarray.NDArray;

/** Source of a denoising step's standard normal noise. */
@FunctionalInterface
public interface NoiseSource {

  /**
   * Draws standard normal noise. Arrays created in this call are freed when the step ends.
   *
   * @param step index of the step among the scheduler's timesteps, from 0
   * @param like an array whose shape, type and device the noise takes
   */
  NDArray draw(int step, NDArray like);
}
