package emnist.diffusion.scheduler;

import com.fasterxml.jackson.annotation.JsonProperty;

/** How a second-order step of DPM-Solver weighs the change of the network's output. */
public enum SolverType {
  /** As at the middle of the step. */
  @JsonProperty("midpoint")
  MIDPOINT,

  /** By the exact integral of a line. */
  @JsonProperty("heun")
  HEUN
}
