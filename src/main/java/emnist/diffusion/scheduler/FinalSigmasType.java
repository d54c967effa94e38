package emnist.diffusion.scheduler;

import com.google.gson.annotations.SerializedName;

/** The noise level at which a chain ends. */
public enum FinalSigmasType {
  /** No noise. */
  @SerializedName("zero")
  ZERO,

  /** The noise level of timestep 0. */
  @SerializedName("sigma_min")
  SIGMA_MIN
}
