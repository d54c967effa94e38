package emnist.diffusion.scheduler;

import com.google.gson.GsonBuilder;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import java.util.Objects;

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
 * @param clipSampleRange largest magnitude after clipping, above 0
 * @param predictionType what the network predicts
 * @param thresholding whether to threshold the predicted image dynamically, in place of clipping
 * @param dynamicThresholdingRatio quantile of the magnitudes, in {@code [0, 1]}
 * @param sampleMaxValue largest dynamic threshold, at least 1
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
    double clipSampleRange,
    PredictionType predictionType,
    boolean thresholding,
    double dynamicThresholdingRatio,
    double sampleMaxValue,
    TimestepSpacing timestepSpacing,
    int stepsOffset,
    boolean rescaleBetasZeroSnr) {

  private static final String CLASS_NAME = "DDPMScheduler";
  private static final String DIFFUSERS_VERSION = "0.40.0";

  public DDPMSchedulerConfig {
    Objects.requireNonNull(betaSchedule, "betaSchedule");
    Objects.requireNonNull(varianceType, "varianceType");
    Objects.requireNonNull(predictionType, "predictionType");
    Objects.requireNonNull(timestepSpacing, "timestepSpacing");
    check(numTrainTimesteps >= 1, "num_train_timesteps >= 1", numTrainTimesteps);
    check(betaStart > 0 && betaStart < 1, "0 < beta_start < 1", betaStart);
    check(betaEnd >= betaStart && betaEnd < 1, "beta_start <= beta_end < 1", betaEnd);
    check(clipSampleRange > 0, "clip_sample_range > 0", clipSampleRange);
    check(
        dynamicThresholdingRatio >= 0 && dynamicThresholdingRatio <= 1,
        "0 <= dynamic_thresholding_ratio <= 1",
        dynamicThresholdingRatio);
    check(sampleMaxValue >= 1, "sample_max_value >= 1", sampleMaxValue);
    check(stepsOffset >= 0, "steps_offset >= 0", stepsOffset);
    if (rescaleBetasZeroSnr && predictionType == PredictionType.EPSILON) {
      throw new IllegalArgumentException(
          "Expected prediction_type v_prediction or sample with rescale_betas_zero_snr, found epsilon."
              + " Do not rescale, or train for another prediction type.");
    }
  }

  /** Options as diffusers has them when nothing is said. */
  public static DDPMSchedulerConfig defaults() {
    return builder().build();
  }

  /** A builder that starts from the defaults. */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Reads the text of a {@code scheduler_config.json}; options that are not there have defaults.
   *
   * @throws IllegalArgumentException if an option is not supported or has a value out of range
   */
  public static DDPMSchedulerConfig fromJson(String json) {
    SchedulerOptions options = SchedulerOptions.parse(json, CLASS_NAME);
    Builder builder = builder();
    options.integer("num_train_timesteps", builder::numTrainTimesteps);
    options.number("beta_start", builder::betaStart);
    options.number("beta_end", builder::betaEnd);
    options.choice("beta_schedule", BetaSchedule.class, builder::betaSchedule);
    options.choice("variance_type", VarianceType.class, builder::varianceType);
    options.flag("clip_sample", builder::clipSample);
    options.number("clip_sample_range", builder::clipSampleRange);
    options.choice("prediction_type", PredictionType.class, builder::predictionType);
    options.flag("thresholding", builder::thresholding);
    options.number("dynamic_thresholding_ratio", builder::dynamicThresholdingRatio);
    options.number("sample_max_value", builder::sampleMaxValue);
    options.choice("timestep_spacing", TimestepSpacing.class, builder::timestepSpacing);
    options.integer("steps_offset", builder::stepsOffset);
    options.flag("rescale_betas_zero_snr", builder::rescaleBetasZeroSnr);
    options.refuseOthers();
    return builder.build();
  }

  /** The text of a {@code scheduler_config.json} that diffusers reads. */
  public String toJson() {
    JsonObject json = new JsonObject();
    json.addProperty("_class_name", CLASS_NAME);
    json.addProperty("_diffusers_version", DIFFUSERS_VERSION);
    json.addProperty("beta_end", betaEnd);
    json.addProperty("beta_schedule", SchedulerOptions.configName(betaSchedule));
    json.addProperty("beta_start", betaStart);
    json.addProperty("clip_sample", clipSample);
    json.addProperty("clip_sample_range", clipSampleRange);
    json.addProperty("dynamic_thresholding_ratio", dynamicThresholdingRatio);
    json.addProperty("num_train_timesteps", numTrainTimesteps);
    json.addProperty("prediction_type", SchedulerOptions.configName(predictionType));
    json.addProperty("rescale_betas_zero_snr", rescaleBetasZeroSnr);
    json.addProperty("sample_max_value", sampleMaxValue);
    json.addProperty("steps_offset", stepsOffset);
    json.addProperty("thresholding", thresholding);
    json.addProperty("timestep_spacing", SchedulerOptions.configName(timestepSpacing));
    json.add("trained_betas", JsonNull.INSTANCE);
    json.addProperty("variance_type", SchedulerOptions.configName(varianceType));
    return new GsonBuilder().setPrettyPrinting().serializeNulls().create().toJson(json) + "\n";
  }

  private static void check(boolean fulfilled, String expected, Number found) {
    if (!fulfilled) {
      throw new IllegalArgumentException(
          "Expected %s, found %s. Change that option.".formatted(expected, found));
    }
  }

  /** Options to change from the defaults; see {@link DDPMSchedulerConfig} for each. */
  public static final class Builder {

    private int numTrainTimesteps = 1000;
    private double betaStart = 0.0001;
    private double betaEnd = 0.02;
    private BetaSchedule betaSchedule = BetaSchedule.LINEAR;
    private VarianceType varianceType = VarianceType.FIXED_SMALL;
    private boolean clipSample = true;
    private double clipSampleRange = 1;
    private PredictionType predictionType = PredictionType.EPSILON;
    private boolean thresholding = false;
    private double dynamicThresholdingRatio = 0.995;
    private double sampleMaxValue = 1;
    private TimestepSpacing timestepSpacing = TimestepSpacing.LEADING;
    private int stepsOffset = 0;
    private boolean rescaleBetasZeroSnr = false;

    private Builder() {}

    public Builder numTrainTimesteps(int numTrainTimesteps) {
      this.numTrainTimesteps = numTrainTimesteps;
      return this;
    }

    public Builder betaStart(double betaStart) {
      this.betaStart = betaStart;
      return this;
    }

    public Builder betaEnd(double betaEnd) {
      this.betaEnd = betaEnd;
      return this;
    }

    public Builder betaSchedule(BetaSchedule betaSchedule) {
      this.betaSchedule = betaSchedule;
      return this;
    }

    public Builder varianceType(VarianceType varianceType) {
      this.varianceType = varianceType;
      return this;
    }

    public Builder clipSample(boolean clipSample) {
      this.clipSample = clipSample;
      return this;
    }

    public Builder clipSampleRange(double clipSampleRange) {
      this.clipSampleRange = clipSampleRange;
      return this;
    }

    public Builder predictionType(PredictionType predictionType) {
      this.predictionType = predictionType;
      return this;
    }

    public Builder thresholding(boolean thresholding) {
      this.thresholding = thresholding;
      return this;
    }

    public Builder dynamicThresholdingRatio(double dynamicThresholdingRatio) {
      this.dynamicThresholdingRatio = dynamicThresholdingRatio;
      return this;
    }

    public Builder sampleMaxValue(double sampleMaxValue) {
      this.sampleMaxValue = sampleMaxValue;
      return this;
    }

    public Builder timestepSpacing(TimestepSpacing timestepSpacing) {
      this.timestepSpacing = timestepSpacing;
      return this;
    }

    public Builder stepsOffset(int stepsOffset) {
      this.stepsOffset = stepsOffset;
      return this;
    }

    public Builder rescaleBetasZeroSnr(boolean rescaleBetasZeroSnr) {
      this.rescaleBetasZeroSnr = rescaleBetasZeroSnr;
      return this;
    }

    public DDPMSchedulerConfig build() {
      return new DDPMSchedulerConfig(
          numTrainTimesteps,
          betaStart,
          betaEnd,
          betaSchedule,
          varianceType,
          clipSample,
          clipSampleRange,
          predictionType,
          thresholding,
          dynamicThresholdingRatio,
          sampleMaxValue,
          timestepSpacing,
          stepsOffset,
          rescaleBetasZeroSnr);
    }
  }
}
