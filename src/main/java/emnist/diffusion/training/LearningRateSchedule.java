package emnist.diffusion.training;

/**
 * The factor by which a step's learning rate is smaller than the peak: diffusers' {@code
 * get_scheduler}.
 */
@FunctionalInterface
public interface LearningRateSchedule {

  /**
   * Factor of an optimizer step.
   *
   * @param step counted from 0
   * @return in {@code [0, 1]}
   */
  double factor(long step);

  /** Rises linearly from 0 over {@code warmupSteps}, then stays. */
  static LearningRateSchedule constantWithWarmup(long warmupSteps) {
    return step -> step < warmupSteps ? step / Math.max(1.0, warmupSteps) : 1;
  }

  /**
   * Rises linearly from 0 over {@code warmupSteps}, then falls linearly to 0 at {@code totalSteps}.
   */
  static LearningRateSchedule linearWithWarmup(long warmupSteps, long totalSteps) {
    return step ->
        step < warmupSteps
            ? step / Math.max(1.0, warmupSteps)
            : Math.max(0, (totalSteps - step) / Math.max(1.0, totalSteps - warmupSteps));
  }

  /**
   * Rises linearly from 0 over {@code warmupSteps}, then follows half a cosine to 0 at {@code
   * totalSteps} (Loshchilov and Hutter 2017, arXiv:1608.03983).
   */
  static LearningRateSchedule cosineWithWarmup(long warmupSteps, long totalSteps) {
    return cosineWithWarmup(warmupSteps, totalSteps, 0.5);
  }

  /** As {@link #cosineWithWarmup(long, long)}, with {@code cycles} periods of the cosine. */
  static LearningRateSchedule cosineWithWarmup(long warmupSteps, long totalSteps, double cycles) {
    return step -> {
      if (step < warmupSteps) {
        return step / Math.max(1.0, warmupSteps);
      }
      double progress = (step - warmupSteps) / Math.max(1.0, totalSteps - warmupSteps);
      return Math.max(0, 0.5 * (1 + Math.cos(Math.PI * cycles * 2 * progress)));
    };
  }
}
