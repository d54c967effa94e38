package emnist.diffusion.scheduler;

/** The variance of the noise that a denoising step adds (Ho et al. 2020, section 3.2). */
public enum VarianceType {
  /** The posterior's variance, right for data that is one point: the lower bound. */
  FIXED_SMALL,

  /** The same as {@link #FIXED_SMALL}; diffusers works it out through logarithms. */
  FIXED_SMALL_LOG,

  /** The variance that the forward step added, right for data that is noise: the upper bound. */
  FIXED_LARGE;

  // diffusers keeps the variance above this, for variance types that take its logarithm.
  private static final float SMALLEST = 1e-20f;

  float variance(float alphaCumprod, float alphaCumprodPrevious) {
    float beta = 1 - alphaCumprod / alphaCumprodPrevious;
    if (this == FIXED_LARGE) {
      return beta;
    }
    return Math.max((1 - alphaCumprodPrevious) / (1 - alphaCumprod) * beta, SMALLEST);
  }
}
