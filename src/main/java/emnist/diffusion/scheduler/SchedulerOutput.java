package emnist.diffusion.scheduler;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.List;

/**
 * The state of a denoising chain: the result of one step and the input of the next.
 *
 * @param prevSample the sample after the step, less noisy than before
 * @param predOriginalSample the clean image that the network predicts at this step; null before the
 *     first step
 * @param nextStep index of the next step among the scheduler's timesteps; -1 at the start of a
 *     chain, which may be any of them
 * @param modelOutputs outputs of earlier steps that a multistep scheduler needs, newest first
 */
public record SchedulerOutput(
    NDArray prevSample, NDArray predOriginalSample, int nextStep, List<NDArray> modelOutputs) {

  public SchedulerOutput {
    modelOutputs = List.copyOf(modelOutputs);
  }

  /** The start of a chain, usually from noise. */
  public static SchedulerOutput start(NDArray sample) {
    return new SchedulerOutput(sample, null, -1, List.of());
  }

  /** Moves all but the predicted image to {@code manager}, and returns this. */
  public SchedulerOutput attach(NDManager manager) {
    prevSample.attach(manager);
    modelOutputs.forEach(output -> output.attach(manager));
    return this;
  }

  /** Checks the arguments of {@link Scheduler#step} and returns the index of its timestep. */
  int step(NDArray modelOutput, int timestep, int[] timesteps) {
    if (!modelOutput.getShape().equals(prevSample.getShape())) {
      throw new IllegalArgumentException(
          "Expected a model output of the sample's shape %s, found %s. Use a model with as many output as input channels."
              .formatted(prevSample.getShape(), modelOutput.getShape()));
    }
    if (nextStep >= 0) {
      if (nextStep >= timesteps.length || timesteps[nextStep] != timestep) {
        throw new IllegalArgumentException(
            "Expected timestep %s next, found %s. Loop over timesteps(), and start each chain with SchedulerOutput.start."
                .formatted(nextStep < timesteps.length ? timesteps[nextStep] : "none", timestep));
      }
      return nextStep;
    }
    for (int i = 0; i < timesteps.length; i++) {
      if (timesteps[i] == timestep) {
        return i;
      }
    }
    throw new IllegalArgumentException(
        "Expected one of the scheduler's %s timesteps from %s to %s, found %s. Loop over timesteps()."
            .formatted(timesteps.length, timesteps[0], timesteps[timesteps.length - 1], timestep));
  }
}
