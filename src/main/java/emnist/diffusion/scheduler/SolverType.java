package emnist.diffusion.scheduler;

import com.google.gson.annotations.SerializedName;

/** How a second-order step of DPM-Solver extrapolates the network's output. */
public enum SolverType {
  /** Uses the output at the middle of the step throughout the step. */
  @SerializedName("midpoint")
  MIDPOINT,

  /** Integrates a straight line through the last two outputs. */
  @SerializedName("heun")
  HEUN
}
