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
  LINSPACE {
    @Override
    int[] spaced(int numTrainTimesteps, int numInferenceSteps, int stepsOffset) {
      int last = numTrainTimesteps - 1;
      double step = numInferenceSteps == 1 ? 0 : (double) last / (numInferenceSteps - 1);
      int[] timesteps = new int[numInferenceSteps];
      for (int i = 0; i < numInferenceSteps; i++) {
        timesteps[numInferenceSteps - 1 - i] = (int) Math.rint(i * step);
      }
      return timesteps;
    }
  },

  /** Multiples of an integer step, counted up from timestep 0, plus the offset. */
  @JsonProperty("leading")
  LEADING {
    @Override
    int[] spaced(int numTrainTimesteps, int numInferenceSteps, int stepsOffset) {
      int step = numTrainTimesteps / numInferenceSteps;
      int[] timesteps = new int[numInferenceSteps];
      for (int i = 0; i < numInferenceSteps; i++) {
        timesteps[numInferenceSteps - 1 - i] = i * step + stepsOffset;
      }
      return timesteps;
    }
  },

  /** Evenly spaced, counted down from the last training timestep. */
  @JsonProperty("trailing")
  TRAILING {
    @Override
    int[] spaced(int numTrainTimesteps, int numInferenceSteps, int stepsOffset) {
      // The step as numpy.arange computes it, which decides how ties are rounded.
      double step =
          (numTrainTimesteps - (double) numTrainTimesteps / numInferenceSteps) - numTrainTimesteps;
      int[] timesteps = new int[numInferenceSteps];
      for (int i = 0; i < numInferenceSteps; i++) {
        timesteps[i] = (int) Math.rint(numTrainTimesteps + i * step) - 1;
      }
      return timesteps;
    }
  };

  /**
   * The timesteps of a chain, spaced as the configuration says; its offset applies to {@link
   * #LEADING} only.
   *
   * @throws IllegalArgumentException if {@code numInferenceSteps} is not between 1 and the number
   *     of training timesteps, or the offset leads beyond the last of them
   */
  static int[] timesteps(SchedulerConfig config, int numInferenceSteps) {
    requireSteps(config.numTrainTimesteps(), numInferenceSteps);
    int[] spaced =
        config
            .timestepSpacing()
            .spaced(config.numTrainTimesteps(), numInferenceSteps, config.stepsOffset());
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

  abstract int[] spaced(int numTrainTimesteps, int numInferenceSteps, int stepsOffset);

  /** Every training timestep, falling. */
  static int[] all(int numTrainTimesteps) {
    return IntStream.iterate(numTrainTimesteps - 1, t -> t >= 0, t -> t - 1).toArray();
  }
}
