package emnist.diffusion.scheduler;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.List;

/**
 * Where a denoising chain has got to: what a step gives, and the next one starts from.
 *
 * @param prevSample the sample one step less noisy, the input of the next step
 * @param predOriginalSample the image without noise that the network believes in at this step; null
 *     before the first
 * @param nextStep position of the next step among the scheduler's timesteps; -1 where a chain may
 *     start anywhere
 * @param modelOutputs what a multistep scheduler remembers of the steps so far, newest first
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

  /**
   * Hands what the next step needs over to {@code manager}; the rest stays with its owner.
   *
   * @return this
   */
  public SchedulerOutput attach(NDManager manager) {
    prevSample.attach(manager);
    modelOutputs.forEach(output -> output.attach(manager));
    return this;
  }

  /**
   * The position of the step at {@code timestep}, after checking its arguments.
   *
   * @throws IllegalArgumentException if the model output has another shape than the sample, or the
   *     timestep is not the next one
   */
  int step(NDArray modelOutput, int timestep, int[] timesteps) {
    if (!modelOutput.getShape().equals(prevSample.getShape())) {
      throw new IllegalArgumentException(
          "Expected a model output of the sample's shape %s, found %s. Use a model with as many output as input channels."
              .formatted(prevSample.getShape(), modelOutput.getShape()));
    }
    if (nextStep >= 0) {
      if (nextStep >= timesteps.length || timesteps[nextStep] != timestep) {
        throw new IllegalArgumentException(
            "Expected timestep %s next, found %d. Loop over timesteps(), and start each chain with SchedulerOutput.start."
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
        "Expected one of the scheduler's %d timesteps from %d to %d, found %d. Loop over timesteps()."
            .formatted(timesteps.length, timesteps[0], timesteps[timesteps.length - 1], timestep));
  }
}
