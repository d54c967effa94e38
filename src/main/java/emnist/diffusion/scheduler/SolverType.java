package emnist.diffusion.scheduler;

import com.google.gson.annotations.SerializedName;

/** How a second-order step of DPM-Solver weighs the change of the network's output. */
public enum SolverType {
  /** As at the middle of the step. */
  @SerializedName("midpoint")
  MIDPOINT,

  /** By the exact integral of a line. */
  @SerializedName("heun")
  HEUN
}
