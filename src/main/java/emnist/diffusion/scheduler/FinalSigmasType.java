package emnist.diffusion.scheduler;

import com.fasterxml.jackson.annotation.JsonProperty;

/** The noise level at which a chain ends. */
public enum FinalSigmasType {
  /** No noise. */
  @JsonProperty("zero")
  ZERO,

  /** That of timestep 0. */
  @JsonProperty("sigma_min")
  SIGMA_MIN
}
