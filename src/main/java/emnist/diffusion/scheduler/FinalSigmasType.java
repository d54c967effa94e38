package emnist.diffusion.scheduler;

import com.fasterxml.jackson.annotation.JsonProperty;

/** The noise level at which a chain ends. */
public enum FinalSigmasType {
  /** No noise. */
  @JsonProperty("zero")
  ZERO,

  /** The noise level of timestep 0. */
  @JsonProperty("sigma_min")
  SIGMA_MIN
}
