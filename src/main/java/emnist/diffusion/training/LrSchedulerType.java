package emnist.diffusion.training;

import com.google.gson.annotations.SerializedName;

/** How the learning rate changes over a run, by the names of diffusers' {@code get_scheduler}. */
public enum LrSchedulerType {
  /** The same throughout. */
  @SerializedName("constant")
  CONSTANT {
    @Override
    LearningRateSchedule schedule(long warmupSteps, long totalSteps) {
      return step -> 1;
    }
  },

  /** The same after a linear rise. */
  @SerializedName("constant_with_warmup")
  CONSTANT_WITH_WARMUP {
    @Override
    LearningRateSchedule schedule(long warmupSteps, long totalSteps) {
      return LearningRateSchedule.constantWithWarmup(warmupSteps);
    }
  },

  /** A linear rise, then a linear fall to 0. */
  @SerializedName("linear")
  LINEAR {
    @Override
    LearningRateSchedule schedule(long warmupSteps, long totalSteps) {
      return LearningRateSchedule.linearWithWarmup(warmupSteps, totalSteps);
    }
  },

  /** A linear rise, then half a cosine to 0. */
  @SerializedName("cosine")
  COSINE {
    @Override
    LearningRateSchedule schedule(long warmupSteps, long totalSteps) {
      return LearningRateSchedule.cosineWithWarmup(warmupSteps, totalSteps);
    }
  };

  /** The schedule of a run of {@code totalSteps} updates. */
  abstract LearningRateSchedule schedule(long warmupSteps, long totalSteps);
}
