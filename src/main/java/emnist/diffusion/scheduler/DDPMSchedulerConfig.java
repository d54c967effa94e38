package emnist.diffusion.scheduler;

import emnist.diffusion.config.JsonConfig;

/**
 * The options of a {@link DDPMScheduler}, with the names, meanings and defaults of diffusers'
 * {@code scheduler_config.json}.
 *
 * @param numTrainTimesteps number of steps the network was trained with, at least 1
 * @param betaStart first beta, in {@code (0, 1)}
 * @param betaEnd last beta, in {@code [betaStart, 1)}
 * @param betaSchedule how beta grows
 * @param varianceType variance of the noise that a step adds
 * @param clipSample whether to clip the predicted image
 * @param predictionType what the network predicts
 * @param thresholding whether to threshold the predicted image dynamically, in place of clipping
 * @param dynamicThresholdingRatio quantile of the magnitudes, in {@code [0, 1]}
 * @param clipSampleRange largest magnitude after clipping, above 0
 * @param sampleMaxValue largest dynamic threshold, above 0
 * @param timestepSpacing which timesteps a shorter chain visits
 * @param stepsOffset added to the timesteps of {@link TimestepSpacing#LEADING}, at least 0
 * @param rescaleBetasZeroSnr whether the last timestep is noise only; not with {@link
 *     PredictionType#EPSILON}, which says nothing about the image there
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

  static final String CLASS_NAME = "DDPMScheduler";

  private static final JsonConfig<DDPMSchedulerConfig> JSON =
      JsonConfig.of(
              CLASS_NAME,
              DDPMSchedulerConfig.class,
              """
              {
                "num_train_timesteps": 1000,
                "beta_start": 0.0001,
                "beta_end": 0.02,
                "beta_schedule": "linear",
                "variance_type": "fixed_small",
                "clip_sample": true,
                "prediction_type": "epsilon",
                "thresholding": false,
                "dynamic_thresholding_ratio": 0.995,
                "clip_sample_range": 1,
                "sample_max_value": 1,
                "timestep_spacing": "leading",
                "steps_offset": 0,
                "rescale_betas_zero_snr": false
              }
              """,
              """
          {"trained_betas": null}
          """)
          .ignoring(DPMSolverMultistepSchedulerConfig.OWN_OPTIONS)
          .ignoring("set_alpha_to_one");

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
   * Reads the text of a {@code scheduler_config.json}, or just the options that differ from the
   * defaults.
   *
   * @throws IllegalArgumentException if an option is not supported or has a value out of range
   */
  public static DDPMSchedulerConfig fromJson(String json) {
    return JSON.fromJson(json);
  }

  /**
   * The options that another scheduler shares with this one, defaults for the rest, and changes.
   */
  static DDPMSchedulerConfig from(SchedulerConfig config, String changes) {
    return JSON.with(JSON.shared(config.toJson()), changes);
  }

  @Override
  public String className() {
    return CLASS_NAME;
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
