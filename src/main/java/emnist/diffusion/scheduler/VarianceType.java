package emnist.diffusion.scheduler;

import com.fasterxml.jackson.annotation.JsonProperty;

/** The variance of the noise that a denoising step adds (Ho et al. 2020, section 3.2). */
public enum VarianceType {
  /** The posterior's variance: the lower bound, exact if the data is a single point. */
  @JsonProperty("fixed_small")
  FIXED_SMALL,

  /** The same as {@link #FIXED_SMALL}; diffusers computes it through logarithms. */
  @JsonProperty("fixed_small_log")
  FIXED_SMALL_LOG,

  /** The variance of the forward step: the upper bound, exact for standard normal noise. */
  @JsonProperty("fixed_large")
  FIXED_LARGE;

  // The smallest variance in diffusers, which takes its logarithm for some variance types.
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
