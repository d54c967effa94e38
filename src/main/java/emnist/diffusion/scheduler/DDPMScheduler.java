package emnist.diffusion.scheduler;

import ai.djl.ndarray.NDArray;
import java.util.Arrays;
import java.util.List;

/**
 * Denoising diffusion probabilistic models: each step samples from the posterior given the image
 * that the network predicts (Ho et al. 2020, arXiv:2006.11239). The numbers equal those of
 * diffusers 0.40's {@code DDPMScheduler}.
 */
public final class DDPMScheduler extends Scheduler {

  private final DDPMSchedulerConfig config;

  /** A scheduler that visits every training timestep. */
  public DDPMScheduler(DDPMSchedulerConfig config) {
    this(config, TimestepSpacing.all(config.numTrainTimesteps()));
  }

  /**
   * diffusers' {@code from_config}: takes the options that another scheduler's configuration
   * shares, and defaults for the rest.
   *
   * @param changes options to change, as JSON, such as {@code {"variance_type": "fixed_large"}}
   * @throws IllegalArgumentException if an option is not supported or has a value out of range
   */
  public static DDPMScheduler fromConfig(SchedulerConfig config, String changes) {
    return new DDPMScheduler(DDPMSchedulerConfig.JSON.fromOther(config.toJson(), changes));
  }

  private DDPMScheduler(DDPMSchedulerConfig config, int[] timesteps) {
    super(config, timesteps);
    this.config = config;
  }

  @Override
  public DDPMSchedulerConfig config() {
    return config;
  }

  @Override
  public DDPMScheduler withTimesteps(int numInferenceSteps) {
    return new DDPMScheduler(config, TimestepSpacing.timesteps(config, numInferenceSteps));
  }

  /**
   * The same scheduler with the given timesteps.
   *
   * @param timesteps training timesteps in falling order
   * @throws IllegalArgumentException if there are none, or they are not as said
   */
  public DDPMScheduler withCustomTimesteps(int... timesteps) {
    int above = config.numTrainTimesteps();
    for (int t : timesteps) {
      if (t < 0 || t >= above) {
        throw new IllegalArgumentException(
            "Expected falling timesteps from at most %s to at least 0, found %s. Sort them."
                .formatted(config.numTrainTimesteps() - 1, Arrays.toString(timesteps)));
      }
      above = t;
    }
    if (timesteps.length == 0) {
      throw new IllegalArgumentException(
          "Expected at least one timestep, found none. Pass the timesteps to visit.");
    }
    return new DDPMScheduler(config, timesteps.clone());
  }

  /** {@inheritDoc} Ho et al. 2020, equations 6, 7 and 15; no noise is added at timestep 0. */
  @Override
  public SchedulerOutput step(
      NDArray modelOutput, int timestep, SchedulerOutput previous, NoiseSource noise) {
    int step = previous.step(modelOutput, timestep, timesteps);
    int previousTimestep = step + 1 < timesteps.length ? timesteps[step + 1] : -1;
    float alphaCumprod = noiseSchedule.alphaCumprod(timestep);
    float alphaCumprodPrevious = noiseSchedule.alphaCumprod(previousTimestep);
    float alpha = (float) Math.sqrt(alphaCumprod);
    float sigma = (float) Math.sqrt(1 - alphaCumprod);
    float stepAlpha = alphaCumprod / alphaCumprodPrevious;
    float noiseShare = 1 - alphaCumprod;
    float originalWeight = (float) Math.sqrt(alphaCumprodPrevious) * (1 - stepAlpha) / noiseShare;
    float sampleWeight = (float) Math.sqrt(stepAlpha) * (1 - alphaCumprodPrevious) / noiseShare;
    NDArray sample = previous.prevSample();
    try (ArrayScope scope = new ArrayScope(sample)) {
      NDArray originalSample =
          new Prediction(scope, config, sample, modelOutput, alpha, sigma).image();
      NDArray prevSample =
          scope.scaled(sample, sampleWeight).addi(scope.scaled(originalSample, originalWeight));
      if (timestep > 0) {
        float variance = config.varianceType().variance(alphaCumprod, alphaCumprodPrevious);
        prevSample.addi(scope.scaled(noise.draw(step, sample), (float) Math.sqrt(variance)));
      }
      return new SchedulerOutput(
          scope.keep(prevSample), scope.keep(originalSample), step + 1, List.of());
    }
  }
}
