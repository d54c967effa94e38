package emnist.diffusion.scheduler;

import ai.djl.ndarray.NDArray;

/**
 * Adds noise to training images, and removes it from samples step by step. A {@code
 * scheduler_config.json} names its scheduler; a network trained with one can be sampled with any
 * other.
 *
 * <p>Schedulers are immutable, so one can serve any number of chains. The state of a chain is in
 * its {@link SchedulerOutput}.
 *
 * <pre>{@code
 * Scheduler scheduler = Scheduler.fromJson(json).withTimesteps(20);
 * SchedulerOutput output = SchedulerOutput.start(noise.initial(manager, shape));
 * for (int t : scheduler.timesteps()) {
 *   output = scheduler.step(model.forward(output.prevSample(), t), t, output, noise);
 * }
 * }</pre>
 */
public abstract sealed class Scheduler
    permits DDPMScheduler, DDIMScheduler, DPMSolverMultistepScheduler {

  final NoiseSchedule noiseSchedule;
  final int[] timesteps;

  Scheduler(SchedulerConfig config, int[] timesteps) {
    this.noiseSchedule = new NoiseSchedule(config);
    this.timesteps = timesteps;
  }

  /** The scheduler of a {@code scheduler_config.json}; see {@link SchedulerConfig#fromJson}. */
  public static Scheduler fromJson(String json) {
    return SchedulerConfig.fromJson(json).createScheduler();
  }

  /** The options of this scheduler. */
  public abstract SchedulerConfig config();

  /** The forward process. */
  public final NoiseSchedule noiseSchedule() {
    return noiseSchedule;
  }

  /** The timesteps to visit, falling; the step at the last one gives the finished sample. */
  public final int[] timesteps() {
    return timesteps.clone();
  }

  /**
   * The same scheduler with fewer steps, spaced as the configuration says (diffusers' {@code
   * set_timesteps}).
   *
   * @param numInferenceSteps at most as many as in training; with trailing spacing, DPM-Solver
   *     takes fewer if {@code lambda_min_clipped} removes some
   * @throws IllegalArgumentException also if the configuration's offset leads beyond the training
   *     timesteps, or two of DPM-Solver's steps would have the same noise level
   */
  public abstract Scheduler withTimesteps(int numInferenceSteps);

  /**
   * Removes the noise of one step from a sample.
   *
   * @param modelOutput the network's output for {@code previous.prevSample()} at {@code timestep}
   * @param timestep the next of {@link #timesteps()}; a chain may start at any of them
   * @param previous the output of the previous step, or {@link SchedulerOutput#start}
   * @param noise source of fresh noise; used only by steps that add noise
   * @return new arrays, owned by the manager of the sample
   * @throws IllegalArgumentException if the shapes differ or the timestep is not the next one
   */
  public abstract SchedulerOutput step(
      NDArray modelOutput, int timestep, SchedulerOutput previous, NoiseSource noise);

  /** As {@link ForwardProcess#addNoise}, for occasional calls: uploads the factors each time. */
  public final NDArray addNoise(NDArray originalSamples, NDArray noise, NDArray timesteps) {
    try (ForwardProcess process = noiseSchedule.scales(originalSamples.getManager())) {
      return process.addNoise(originalSamples, noise, timesteps);
    }
  }

  /** As {@link ForwardProcess#velocity}, for occasional calls: uploads the factors each time. */
  public final NDArray getVelocity(NDArray samples, NDArray noise, NDArray timesteps) {
    try (ForwardProcess process = noiseSchedule.scales(samples.getManager())) {
      return process.velocity(samples, noise, timesteps);
    }
  }
}
