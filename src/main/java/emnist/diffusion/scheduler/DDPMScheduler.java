package emnist.diffusion.scheduler;

import ai.djl.ndarray.NDArray;
import java.util.Arrays;
import java.util.Objects;
import java.util.stream.IntStream;

/**
 * Denoising diffusion probabilistic models (Ho et al. 2020): adds noise to training images, and
 * takes it out of samples step by step. The numbers are those of diffusers 0.40's {@code
 * DDPMScheduler}.
 *
 * <p>A value: nothing in it changes, so one scheduler may serve any number of chains.
 *
 * <pre>{@code
 * DDPMScheduler scheduler = new DDPMScheduler(DDPMSchedulerConfig.defaults()).withTimesteps(50);
 * for (int t : scheduler.timesteps()) {
 *   sample = scheduler.step(model.predict(sample, t), t, sample, VarianceNoise.NORMAL).prevSample();
 * }
 * }</pre>
 */
public final class DDPMScheduler {

  private final DDPMSchedulerConfig config;
  private final NoiseSchedule noiseSchedule;
  private final int[] timesteps;

  /** A scheduler that denoises in as many steps as the network was trained with. */
  public DDPMScheduler(DDPMSchedulerConfig config) {
    this(
        Objects.requireNonNull(config, "config"),
        NoiseSchedule.of(
            config.betaSchedule(),
            config.numTrainTimesteps(),
            config.betaStart(),
            config.betaEnd(),
            config.rescaleBetasZeroSnr()),
        IntStream.range(0, config.numTrainTimesteps())
            .map(i -> config.numTrainTimesteps() - 1 - i)
            .toArray());
  }

  private DDPMScheduler(DDPMSchedulerConfig config, NoiseSchedule noiseSchedule, int[] timesteps) {
    this.config = config;
    this.noiseSchedule = noiseSchedule;
    this.timesteps = timesteps;
  }

  /** The options it was made with. */
  public DDPMSchedulerConfig config() {
    return config;
  }

  /** The forward process. */
  public NoiseSchedule noiseSchedule() {
    return noiseSchedule;
  }

  /** The timesteps to visit, falling; the last one's step gives the finished sample. */
  public int[] timesteps() {
    return timesteps.clone();
  }

  /**
   * The same scheduler with fewer steps, spaced as the configuration says (diffusers' {@code
   * set_timesteps}).
   *
   * @throws IllegalArgumentException if it is not 1 to the number of training timesteps, or if the
   *     configuration's offset leads beyond the last of them
   */
  public DDPMScheduler withTimesteps(int numInferenceSteps) {
    if (numInferenceSteps < 1 || numInferenceSteps > config.numTrainTimesteps()) {
      throw new IllegalArgumentException(
          "Expected 1 to %d inference steps, found %d. Take at most as many steps as in training."
              .formatted(config.numTrainTimesteps(), numInferenceSteps));
    }
    return withCustomTimesteps(
        config
            .timestepSpacing()
            .timesteps(config.numTrainTimesteps(), numInferenceSteps, config.stepsOffset()));
  }

  /**
   * The same scheduler with the given timesteps.
   *
   * @throws IllegalArgumentException if there are none, they do not fall, or one is not a training
   *     timestep
   */
  public DDPMScheduler withCustomTimesteps(int... timesteps) {
    int above = config.numTrainTimesteps();
    for (int t : timesteps) {
      if (t < 0 || t >= above) {
        throw new IllegalArgumentException(
            "Expected falling timesteps from at most %d to at least 0, found %s. Sort them, and check steps_offset."
                .formatted(config.numTrainTimesteps() - 1, Arrays.toString(timesteps)));
      }
      above = t;
    }
    if (timesteps.length == 0) {
      throw new IllegalArgumentException(
          "Expected at least one timestep, found none. Pass the timesteps to visit.");
    }
    return new DDPMScheduler(config, noiseSchedule, timesteps.clone());
  }

  /** Noisy images for training: see {@link NoiseSchedule#addNoise}. */
  public NDArray addNoise(NDArray originalSamples, NDArray noise, NDArray timesteps) {
    return noiseSchedule.addNoise(originalSamples, noise, timesteps);
  }

  /** Targets of v-prediction: see {@link NoiseSchedule#velocity}. */
  public NDArray getVelocity(NDArray samples, NDArray noise, NDArray timesteps) {
    return noiseSchedule.velocity(samples, noise, timesteps);
  }

  /**
   * Takes the noise of one step out of a sample (Ho et al. 2020, equations 6, 7 and 15).
   *
   * @param modelOutput the network's output for {@code sample} at {@code timestep}
   * @param timestep one of {@link #timesteps()}
   * @param sample {@code (N, C, H, W)}, the output of the step before
   * @param noise where fresh noise comes from; not asked at timestep 0
   * @return new arrays of the managers of {@code sample} and, where the network predicts the image
   *     itself, {@code modelOutput}
   * @throws IllegalArgumentException if the shapes differ or the timestep is not one to visit
   */
  public SchedulerOutput step(
      NDArray modelOutput, int timestep, NDArray sample, VarianceNoise noise) {
    if (!modelOutput.getShape().equals(sample.getShape())) {
      throw new IllegalArgumentException(
          "Expected a model output of the sample's shape %s, found %s. Use a model with as many output as input channels."
              .formatted(sample.getShape(), modelOutput.getShape()));
    }
    float alphaCumprodPrevious = noiseSchedule.alphaCumprod(previousTimestep(timestep));
    float alphaCumprod = noiseSchedule.alphaCumprod(timestep);
    try (StepScope scope = new StepScope(sample)) {
      NDArray originalSample =
          bounded(
              scope,
              config.predictionType().originalSample(scope, sample, modelOutput, alphaCumprod));
      NDArray prevSample =
          posteriorMean(scope, originalSample, sample, alphaCumprod, alphaCumprodPrevious);
      if (timestep > 0) {
        float variance = config.varianceType().variance(alphaCumprod, alphaCumprodPrevious);
        NDArray deviation = scope.scalar((float) Math.sqrt(variance));
        prevSample.addi(noise.draw(timestep, sample).mul(deviation));
      }
      return new SchedulerOutput(scope.keep(prevSample), scope.keep(originalSample));
    }
  }

  private NDArray bounded(StepScope scope, NDArray originalSample) {
    if (config.thresholding()) {
      return new Thresholding(config.dynamicThresholdingRatio(), config.sampleMaxValue())
          .apply(scope, originalSample);
    }
    if (config.clipSample()) {
      float range = (float) config.clipSampleRange();
      return originalSample.maximum(scope.scalar(-range)).minimum(scope.scalar(range));
    }
    return originalSample;
  }

  private static NDArray posteriorMean(
      StepScope scope,
      NDArray originalSample,
      NDArray sample,
      float alphaCumprod,
      float alphaCumprodPrevious) {
    float alpha = alphaCumprod / alphaCumprodPrevious;
    float noiseShare = 1 - alphaCumprod;
    float originalWeight = (float) Math.sqrt(alphaCumprodPrevious) * (1 - alpha) / noiseShare;
    float sampleWeight = (float) Math.sqrt(alpha) * (1 - alphaCumprodPrevious) / noiseShare;
    return sample
        .mul(scope.scalar(sampleWeight))
        .addi(originalSample.mul(scope.scalar(originalWeight)));
  }

  private int previousTimestep(int timestep) {
    for (int i = 0; i < timesteps.length; i++) {
      if (timesteps[i] == timestep) {
        return i + 1 < timesteps.length ? timesteps[i + 1] : -1;
      }
    }
    throw new IllegalArgumentException(
        "Expected one of the scheduler's %d timesteps from %d to %d, found %d. Loop over timesteps()."
            .formatted(timesteps.length, timesteps[0], timesteps[timesteps.length - 1], timestep));
  }
}
