package emnist.diffusion.scheduler;

import ai.djl.ndarray.NDArray;

/**
 * Adds noise to training images, and takes it out of samples step by step. Chosen by name from a
 * {@code scheduler_config.json}; any of them samples from a network trained with any other.
 *
 * <p>A value: nothing in it changes, so one scheduler may serve any number of chains. What a chain
 * has to remember is in its {@link SchedulerOutput}.
 *
 * <pre>{@code
 * Scheduler scheduler = Scheduler.fromJson(json).withTimesteps(20);
 * SchedulerOutput output = SchedulerOutput.start(noise.initial(manager, shape));
 * for (int t : scheduler.timesteps()) {
 *   output = scheduler.step(model.forward(output.prevSample(), t), t, output, noise);
 * }
 * }</pre>
 */
public sealed interface Scheduler
    permits DDPMScheduler, DDIMScheduler, DPMSolverMultistepScheduler {

  /**
   * The scheduler of a {@code scheduler_config.json}.
   *
   * @throws IllegalArgumentException as {@link SchedulerConfig#fromJson}
   */
  static Scheduler fromJson(String json) {
    return SchedulerConfig.fromJson(json).createScheduler();
  }

  /** The options it was made with. */
  SchedulerConfig config();

  /** The forward process. */
  NoiseSchedule noiseSchedule();

  /** The timesteps to visit, falling; the last one's step gives the finished sample. */
  int[] timesteps();

  /**
   * The same scheduler with fewer steps, spaced as the configuration says (diffusers' {@code
   * set_timesteps}).
   *
   * @param numInferenceSteps number of {@link #timesteps()}; DPM-Solver has a few less where {@code
   *     lambda_min_clipped} leaves some out
   * @throws IllegalArgumentException if it is not 1 to the number of training timesteps; if the
   *     configuration's offset leads beyond the last of them; or if two of DPM-Solver's steps would
   *     have the same noise
   */
  Scheduler withTimesteps(int numInferenceSteps);

  /**
   * Takes the noise of one step out of a sample.
   *
   * @param modelOutput the network's output for {@code previous.prevSample()} at {@code timestep}
   * @param timestep the next one of {@link #timesteps()}; a chain may start at any
   * @param previous the output of the step before, or {@link SchedulerOutput#start}
   * @param noise where fresh noise comes from; asked only by a step that adds some
   * @return new arrays of the manager of the sample
   * @throws IllegalArgumentException if the shapes differ or the timestep is not the next one
   */
  SchedulerOutput step(
      NDArray modelOutput, int timestep, SchedulerOutput previous, NoiseSource noise);

  /** Noisy images for training: see {@link NoiseSchedule#addNoise}. */
  default NDArray addNoise(NDArray originalSamples, NDArray noise, NDArray timesteps) {
    return noiseSchedule().addNoise(originalSamples, noise, timesteps);
  }

  /** Targets of v-prediction: see {@link NoiseSchedule#velocity}. */
  default NDArray getVelocity(NDArray samples, NDArray noise, NDArray timesteps) {
    return noiseSchedule().velocity(samples, noise, timesteps);
  }
}
