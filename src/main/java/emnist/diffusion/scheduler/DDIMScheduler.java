package emnist.diffusion.scheduler;

import ai.djl.ndarray.NDArray;
import java.util.List;

/**
 * Denoising diffusion implicit models: fewer and deterministic steps with the same trained network
 * (Song, Meng and Ermon 2021, arXiv:2010.02502). The numbers equal those of diffusers 0.40's {@code
 * DDIMScheduler}.
 */
public final class DDIMScheduler extends Scheduler {

  private final DDIMSchedulerConfig config;
  private final double eta;
  private final boolean useClippedModelOutput;

  /** A scheduler that visits every training timestep and adds no noise (eta 0). */
  public DDIMScheduler(DDIMSchedulerConfig config) {
    this(config, TimestepSpacing.all(config.numTrainTimesteps()), 0, false);
  }

  /** As {@link DDPMScheduler#fromConfig}. */
  public static DDIMScheduler fromConfig(SchedulerConfig config, String changes) {
    return new DDIMScheduler(DDIMSchedulerConfig.JSON.fromOther(config.toJson(), changes));
  }

  private DDIMScheduler(
      DDIMSchedulerConfig config, int[] timesteps, double eta, boolean useClippedModelOutput) {
    super(config, timesteps);
    this.config = config;
    this.eta = eta;
    this.useClippedModelOutput = useClippedModelOutput;
  }

  @Override
  public DDIMSchedulerConfig config() {
    return config;
  }

  /** How much fresh noise a step adds: 0 for none, 1 for as much as {@link DDPMScheduler}. */
  public double eta() {
    return eta;
  }

  /**
   * Whether a step recomputes the noise from the clipped image instead of using the network's
   * (Nichol et al. 2022, GLIDE).
   */
  public boolean useClippedModelOutput() {
    return useClippedModelOutput;
  }

  @Override
  public DDIMScheduler withTimesteps(int numInferenceSteps) {
    int[] spaced = TimestepSpacing.timesteps(config, numInferenceSteps);
    return new DDIMScheduler(config, spaced, eta, useClippedModelOutput);
  }

  /**
   * The same scheduler with another {@link #eta}.
   *
   * @throws IllegalArgumentException if {@code eta} is not in {@code [0, 1]}
   */
  public DDIMScheduler withEta(double eta) {
    if (!(eta >= 0 && eta <= 1)) {
      throw new IllegalArgumentException(
          "Expected eta in [0, 1], found %s. Use 0 for DDIM, 1 for the noise of DDPM."
              .formatted(eta));
    }
    return new DDIMScheduler(config, timesteps, eta, useClippedModelOutput);
  }

  /** The same scheduler with {@link #useClippedModelOutput} on or off. */
  public DDIMScheduler withUseClippedModelOutput(boolean useClippedModelOutput) {
    return new DDIMScheduler(config, timesteps, eta, useClippedModelOutput);
  }

  /** {@inheritDoc} Song et al. 2021, equations 12 and 16. */
  @Override
  public SchedulerOutput step(
      NDArray modelOutput, int timestep, SchedulerOutput previous, NoiseSource noise) {
    int step = previous.step(modelOutput, timestep, timesteps);
    float alphaCumprod = noiseSchedule.alphaCumprod(timestep);
    // A fixed number of timesteps earlier, whatever the spacing, as in diffusers.
    int before = timestep - config.numTrainTimesteps() / timesteps.length;
    float alphaCumprodPrevious =
        noiseSchedule.alphaCumprod(config.setAlphaToOne() ? before : Math.max(before, 0));
    float alpha = (float) Math.sqrt(alphaCumprod);
    float sigma = (float) Math.sqrt(1 - alphaCumprod);
    float variance = VarianceType.posterior(alphaCumprod, alphaCumprodPrevious);
    float deviation = (float) eta * (float) Math.sqrt(variance);
    // With eta 1, rounding can make this variance slightly negative.
    float direction =
        (float) Math.sqrt(Math.max(0, 1 - alphaCumprodPrevious - deviation * deviation));
    NDArray sample = previous.prevSample();
    try (ArrayScope scope = new ArrayScope(sample)) {
      var prediction = new Prediction(scope, config, sample, modelOutput, alpha, sigma);
      NDArray originalSample = prediction.image();
      NDArray predictedNoise =
          useClippedModelOutput ? prediction.noiseFor(originalSample) : prediction.noise();
      NDArray prevSample =
          scope
              .scaled(originalSample, (float) Math.sqrt(alphaCumprodPrevious))
              .addi(scope.scaled(predictedNoise, direction));
      if (deviation > 0) {
        prevSample.addi(scope.scaled(noise.draw(step, sample), deviation));
      }
      return new SchedulerOutput(
          scope.keep(prevSample), scope.keep(originalSample), step + 1, List.of());
    }
  }
}
