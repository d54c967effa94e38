package emnist.diffusion.scheduler;

/**
 * Which of the training timesteps a shorter denoising chain visits (Lin et al. 2023, table 2). All
 * lists fall.
 */
public enum TimestepSpacing {
  /** From the last training timestep to the first, evenly, both included. */
  LINSPACE {
    @Override
    int[] timesteps(int numTrainTimesteps, int numInferenceSteps, int stepsOffset) {
      int last = numTrainTimesteps - 1;
      double step = numInferenceSteps == 1 ? 0 : (double) last / (numInferenceSteps - 1);
      int[] timesteps = new int[numInferenceSteps];
      for (int i = 0; i < numInferenceSteps; i++) {
        timesteps[numInferenceSteps - 1 - i] = (int) Math.rint(i * step);
      }
      return timesteps;
    }
  },

  /** Multiples of a whole step, counted from the first training timestep, plus the offset. */
  LEADING {
    @Override
    int[] timesteps(int numTrainTimesteps, int numInferenceSteps, int stepsOffset) {
      int step = numTrainTimesteps / numInferenceSteps;
      int[] timesteps = new int[numInferenceSteps];
      for (int i = 0; i < numInferenceSteps; i++) {
        timesteps[numInferenceSteps - 1 - i] = i * step + stepsOffset;
      }
      return timesteps;
    }
  },

  /** Even steps counted down from the last training timestep. */
  TRAILING {
    @Override
    int[] timesteps(int numTrainTimesteps, int numInferenceSteps, int stepsOffset) {
      // numpy.arange takes its step from its first two values; ties of the rounding depend on it.
      double step =
          (numTrainTimesteps - (double) numTrainTimesteps / numInferenceSteps) - numTrainTimesteps;
      int[] timesteps = new int[numInferenceSteps];
      for (int i = 0; i < numInferenceSteps; i++) {
        timesteps[i] = (int) Math.rint(numTrainTimesteps + i * step) - 1;
      }
      return timesteps;
    }
  };

  /** Falling timesteps; the offset counts for {@link #LEADING} only. */
  abstract int[] timesteps(int numTrainTimesteps, int numInferenceSteps, int stepsOffset);
}
