package emnist.diffusion.scheduler;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.stream.IntStream;

/**
 * Which training timesteps a shorter denoising chain visits, in falling order (Lin et al. 2023,
 * table 2).
 */
public enum TimestepSpacing {
  /** Evenly spaced from the last training timestep to the first, both included. */
  @JsonProperty("linspace")
  LINSPACE,

  /** Multiples of an integer step, counted up from timestep 0, plus the offset. */
  @JsonProperty("leading")
  LEADING,

  /** Evenly spaced, counted down from the last training timestep. */
  @JsonProperty("trailing")
  TRAILING;

  /**
   * The timesteps of a chain, spaced as the configuration says; its offset applies to {@link
   * #LEADING} only.
   *
   * @throws IllegalArgumentException if {@code steps} is not between 1 and the number of training
   *     timesteps, or the offset leads beyond the last of them
   */
  static int[] timesteps(SchedulerConfig config, int steps) {
    int trained = config.numTrainTimesteps();
    requireSteps(trained, steps);
    IntStream indices = IntStream.range(0, steps);
    IntStream timesteps =
        switch (config.timestepSpacing()) {
          case LINSPACE -> {
            double step = steps == 1 ? 0 : (double) (trained - 1) / (steps - 1);
            yield indices.map(i -> (int) Math.rint((steps - 1 - i) * step));
          }
          case LEADING -> {
            int step = trained / steps;
            yield indices.map(i -> (steps - 1 - i) * step + config.stepsOffset());
          }
          case TRAILING -> {
            // The step as numpy.arange computes it, which decides how ties are rounded.
            double step = (trained - (double) trained / steps) - trained;
            yield indices.map(i -> (int) Math.rint(trained + i * step) - 1);
          }
        };
    int[] spaced = timesteps.toArray();
    OptionChecks.checkOffset(spaced[0], config);
    return spaced;
  }

  static void requireSteps(int numTrainTimesteps, int numInferenceSteps) {
    if (numInferenceSteps < 1 || numInferenceSteps > numTrainTimesteps) {
      throw new IllegalArgumentException(
          "Expected 1 to %d inference steps, found %d. Use at most as many steps as in training."
              .formatted(numTrainTimesteps, numInferenceSteps));
    }
  }

  /** Every training timestep, falling. */
  static int[] all(int numTrainTimesteps) {
    return IntStream.iterate(numTrainTimesteps - 1, t -> t >= 0, t -> t - 1).toArray();
  }
}
