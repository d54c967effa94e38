package emnist.diffusion.scheduler;

import com.fasterxml.jackson.annotation.JsonProperty;

/** How a second-order step of DPM-Solver extrapolates the network's output. */
public enum SolverType {
  /** Uses the output at the middle of the step throughout the step. */
  @JsonProperty("midpoint")
  MIDPOINT,

  /** Integrates a straight line through the last two outputs. */
  @JsonProperty("heun")
  HEUN
}
