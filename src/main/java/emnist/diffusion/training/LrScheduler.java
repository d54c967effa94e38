package emnist.diffusion.training;

import com.fasterxml.jackson.annotation.JsonProperty;

/** How the learning rate changes over a run, by the names of diffusers' {@code get_scheduler}. */
public enum LrScheduler {
  /** The same throughout. */
  @JsonProperty("constant")
  CONSTANT,

  /** A linear rise from 0, then the same throughout. */
  @JsonProperty("constant_with_warmup")
  CONSTANT_WITH_WARMUP,

  /** A linear rise from 0, then a linear fall to 0. */
  @JsonProperty("linear")
  LINEAR,

  /** A linear rise from 0, then half a cosine to 0 (Loshchilov and Hutter 2017, 1608.03983). */
  @JsonProperty("cosine")
  COSINE;

  /**
   * The factor by which the learning rate of an update is smaller than the peak, in {@code [0, 1]}.
   *
   * @param step the update, counted from 0
   * @param warmupSteps updates over which the rate rises
   * @param totalSteps updates of the run, those included
   */
  public double factor(long step, long warmupSteps, long totalSteps) {
    if (this != CONSTANT && step < warmupSteps) {
      return step / Math.max(1.0, warmupSteps);
    }
    double fall = Math.max(1.0, totalSteps - warmupSteps);
    return switch (this) {
      case CONSTANT, CONSTANT_WITH_WARMUP -> 1;
      case LINEAR -> Math.max(0, (totalSteps - step) / fall);
      case COSINE -> cosine((step - warmupSteps) / fall, 0.5);
    };
  }

  /** A fraction of the way along a cosine of that many periods. */
  static double cosine(double progress, double cycles) {
    return Math.max(0, 0.5 * (1 + Math.cos(Math.PI * cycles * 2 * progress)));
  }
}
