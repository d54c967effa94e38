package emnist.diffusion.scheduler;

import emnist.diffusion.config.JsonConfig;

/**
 * The options of a {@link Scheduler}, with the names, meanings and defaults of diffusers' {@code
 * scheduler_config.json}. These are what all of them have.
 */
public sealed interface SchedulerConfig
    permits DDPMSchedulerConfig, DDIMSchedulerConfig, DPMSolverMultistepSchedulerConfig {

  /** Number of steps the network was trained with, at least 1; at least 2 for DPM-Solver. */
  int numTrainTimesteps();

  /** First beta, in {@code (0, 1)}. */
  double betaStart();

  /** Last beta, in {@code [betaStart, 1)}. */
  double betaEnd();

  /** How beta grows; as in diffusers, only DDPM has {@code SIGMOID}. */
  BetaSchedule betaSchedule();

  /** What the network predicts. */
  PredictionType predictionType();

  /** Whether to threshold the predicted image dynamically, in place of clipping. */
  boolean thresholding();

  /** The quantile of an image's magnitudes that is its threshold, in {@code [0, 1]}. */
  double dynamicThresholdingRatio();

  /** Largest dynamic threshold, above 0. */
  double sampleMaxValue();

  /** Whether to clip the predicted image; DPM-Solver never does. */
  default boolean clipSample() {
    return false;
  }

  /** Largest magnitude after clipping, above 0. */
  default double clipSampleRange() {
    return 1;
  }

  /** Which timesteps a shorter chain visits. */
  TimestepSpacing timestepSpacing();

  /** Added to the timesteps of {@link TimestepSpacing#LEADING}, at least 0. */
  int stepsOffset();

  /**
   * Whether the last timestep is noise only, or nearly so in DPM-Solver (Lin et al. 2023). DDPM and
   * DDIM refuse it with {@link PredictionType#EPSILON}, which says nothing about the image there.
   */
  boolean rescaleBetasZeroSnr();

  /** The name of the scheduler's class, which is that of diffusers. */
  default String className() {
    return getClass().getSimpleName().replace("Config", "");
  }

  /** The text of a {@code scheduler_config.json} that diffusers reads. */
  String toJson();

  /** A scheduler with these options. */
  Scheduler createScheduler();

  /**
   * Reads a {@code scheduler_config.json} of the scheduler that its {@code _class_name} names.
   *
   * @throws IllegalArgumentException if that or an option is not supported, or out of range
   */
  static SchedulerConfig fromJson(String json) {
    String className = String.valueOf(JsonConfig.className(json));
    return switch (className) {
      case "DDPMScheduler" -> DDPMSchedulerConfig.fromJson(json);
      case "DDIMScheduler" -> DDIMSchedulerConfig.fromJson(json);
      case "DPMSolverMultistepScheduler" -> DPMSolverMultistepSchedulerConfig.fromJson(json);
      default ->
          throw new IllegalArgumentException(
              "Expected _class_name to be one of DDPMScheduler, DDIMScheduler, DPMSolverMultistepScheduler, found %s. Save the model with one of these schedulers."
                  .formatted(className));
    };
  }
}
