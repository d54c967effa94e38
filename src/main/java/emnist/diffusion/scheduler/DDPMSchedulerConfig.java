package emnist.diffusion.scheduler;

import emnist.diffusion.config.JsonConfig;

/**
 * The options of a {@link DDPMScheduler}: those of every {@link SchedulerConfig}, and its own.
 *
 * @param varianceType variance of the noise that a step adds
 */
public record DDPMSchedulerConfig(
    int numTrainTimesteps,
    double betaStart,
    double betaEnd,
    BetaSchedule betaSchedule,
    VarianceType varianceType,
    boolean clipSample,
    PredictionType predictionType,
    boolean thresholding,
    double dynamicThresholdingRatio,
    double clipSampleRange,
    double sampleMaxValue,
    TimestepSpacing timestepSpacing,
    int stepsOffset,
    boolean rescaleBetasZeroSnr)
    implements SchedulerConfig {

  static final JsonConfig<DDPMSchedulerConfig> JSON =
      new JsonConfig<>(
          "DDPMScheduler",
          DDPMSchedulerConfig.class,
          """
              {
                "num_train_timesteps": 1000,
                "beta_start": 0.0001, "beta_end": 0.02, "beta_schedule": "linear",
                "variance_type": "fixed_small",
                "clip_sample": true, "clip_sample_range": 1,
                "prediction_type": "epsilon",
                "thresholding": false, "dynamic_thresholding_ratio": 0.995, "sample_max_value": 1,
                "timestep_spacing": "leading", "steps_offset": 0,
                "rescale_betas_zero_snr": false
              }
              """,
          "{\"trained_betas\": null}",
          OptionChecks::older);

  public DDPMSchedulerConfig {
    OptionChecks.checkSchedule(numTrainTimesteps, betaStart, betaEnd, stepsOffset);
    OptionChecks.checkZeroSnr(numTrainTimesteps, predictionType, rescaleBetasZeroSnr);
    OptionChecks.checkBound(clipSampleRange, dynamicThresholdingRatio, sampleMaxValue);
  }

  /** Options as diffusers has them when nothing is said. */
  public static DDPMSchedulerConfig defaults() {
    return JSON.defaults();
  }

  /**
   * Reads a {@code scheduler_config.json}, or just the options that differ from the defaults.
   *
   * @throws IllegalArgumentException if an option is not supported or has a value out of range
   */
  public static DDPMSchedulerConfig fromJson(String json) {
    return JSON.fromJson(json);
  }

  @Override
  public String toJson() {
    return JSON.toJson(this);
  }

  @Override
  public DDPMScheduler createScheduler() {
    return new DDPMScheduler(this);
  }
}
