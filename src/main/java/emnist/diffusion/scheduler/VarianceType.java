package emnist.diffusion.scheduler;

import com.fasterxml.jackson.annotation.JsonProperty;

/** The variance of the noise that a denoising step adds (Ho et al. 2020, section 3.2). */
public enum VarianceType {
  /** The posterior's variance, right for data that is one point: the lower bound. */
  @JsonProperty("fixed_small")
  FIXED_SMALL,

  /** The same as {@link #FIXED_SMALL}; diffusers works it out through logarithms. */
  @JsonProperty("fixed_small_log")
  FIXED_SMALL_LOG,

  /** The variance that the forward step added, right for data that is noise: the upper bound. */
  @JsonProperty("fixed_large")
  FIXED_LARGE;

  // diffusers keeps the variance above this, for variance types that take its logarithm.
  private static final float SMALLEST = 1e-20f;

  float variance(float alphaCumprod, float alphaCumprodPrevious) {
    return this == FIXED_LARGE
        ? 1 - alphaCumprod / alphaCumprodPrevious
        : Math.max(posterior(alphaCumprod, alphaCumprodPrevious), SMALLEST);
  }

  /** The posterior's variance (Ho et al. 2020, equation 7). */
  static float posterior(float alphaCumprod, float alphaCumprodPrevious) {
    float beta = 1 - alphaCumprod / alphaCumprodPrevious;
    return (1 - alphaCumprodPrevious) / (1 - alphaCumprod) * beta;
  }
}
