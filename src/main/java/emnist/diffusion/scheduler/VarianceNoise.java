package emnist.diffusion.scheduler;

import ai.djl.ndarray.NDArray;

/**
 * Where a denoising step takes its standard normal noise from. Not asked at timestep 0, whose step
 * adds none.
 */
@FunctionalInterface
public interface VarianceNoise {

  /** Noise from the engine's generator. */
  VarianceNoise NORMAL =
      (timestep, like) ->
          like.getManager()
              .randomNormal(0, 1, like.getShape(), like.getDataType(), like.getDevice());

  /**
   * Standard normal noise. Arrays made in here are freed when the step ends.
   *
   * @param timestep the timestep of the step that asks
   * @param like an array of the shape, type and device wanted
   */
  NDArray draw(int timestep, NDArray like);
}
