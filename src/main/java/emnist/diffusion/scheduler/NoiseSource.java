package emnist.diffusion.scheduler;

import ai.djl.ndarray.NDArray;

/** Where a denoising step takes its standard normal noise from. */
@FunctionalInterface
public interface NoiseSource {

  /** Noise from the engine's generator. */
  NoiseSource NORMAL =
      (step, like) ->
          like.getManager()
              .randomNormal(0, 1, like.getShape(), like.getDataType(), like.getDevice());

  /**
   * Standard normal noise. Arrays made in here are freed when the step ends.
   *
   * @param step position of the step that asks among the scheduler's timesteps, from 0
   * @param like an array of the shape, type and device wanted
   */
  NDArray draw(int step, NDArray like);
}
