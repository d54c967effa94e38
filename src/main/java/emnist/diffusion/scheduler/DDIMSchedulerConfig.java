package emnist.diffusion.scheduler;

import emnist.diffusion.config.JsonConfig;

/**
 * The options of a {@link DDIMScheduler}: those of every {@link SchedulerConfig}, and its own.
 *
 * @param setAlphaToOne whether the last step ends without noise, and not with that of timestep 0
 */
public record DDIMSchedulerConfig(
    int numTrainTimesteps,
    double betaStart,
    double betaEnd,
    BetaSchedule betaSchedule,
    boolean clipSample,
    boolean setAlphaToOne,
    int stepsOffset,
    PredictionType predictionType,
    boolean thresholding,
    double dynamicThresholdingRatio,
    double clipSampleRange,
    double sampleMaxValue,
    TimestepSpacing timestepSpacing,
    boolean rescaleBetasZeroSnr)
    implements SchedulerConfig {

  static final JsonConfig<DDIMSchedulerConfig> JSON =
      new JsonConfig<>(
          "DDIMScheduler",
          DDIMSchedulerConfig.class,
          """
              {
                "num_train_timesteps": 1000,
                "beta_start": 0.0001, "beta_end": 0.02, "beta_schedule": "linear",
                "clip_sample": true, "clip_sample_range": 1,
                "set_alpha_to_one": true,
                "prediction_type": "epsilon",
                "thresholding": false, "dynamic_thresholding_ratio": 0.995, "sample_max_value": 1,
                "timestep_spacing": "leading", "steps_offset": 0,
                "rescale_betas_zero_snr": false
              }
              """,
          "{\"trained_betas\": null}",
          OptionChecks::older);

  public DDIMSchedulerConfig {
    OptionChecks.checkSchedule(numTrainTimesteps, betaStart, betaEnd, stepsOffset);
    OptionChecks.checkZeroSnr(numTrainTimesteps, predictionType, rescaleBetasZeroSnr);
    OptionChecks.checkNotSigmoid(betaSchedule, "DDIMScheduler");
    OptionChecks.checkBound(clipSampleRange, dynamicThresholdingRatio, sampleMaxValue);
  }

  /** As {@link DDPMSchedulerConfig#fromJson}. */
  public static DDIMSchedulerConfig fromJson(String json) {
    return JSON.fromJson(json);
  }

  @Override
  public String toJson() {
    return JSON.toJson(this);
  }

  @Override
  public DDIMScheduler createScheduler() {
    return new DDIMScheduler(this);
  }
}
