package emnist.diffusion.scheduler;

import emnist.diffusion.config.JsonConfig;

/**
 * The options of a {@link Scheduler}, as diffusers keeps them in {@code scheduler_config.json}.
 * These are what all of them have.
 */
public sealed interface SchedulerConfig
    permits DDPMSchedulerConfig, DDIMSchedulerConfig, DPMSolverMultistepSchedulerConfig {

  /** Number of steps the network was trained with. */
  int numTrainTimesteps();

  /** First beta. */
  double betaStart();

  /** Last beta. */
  double betaEnd();

  /** How beta grows. */
  BetaSchedule betaSchedule();

  /** What the network predicts. */
  PredictionType predictionType();

  /** Whether the predicted image is thresholded dynamically. */
  boolean thresholding();

  /** The quantile of an image's magnitudes that is its threshold. */
  double dynamicThresholdingRatio();

  /** Largest dynamic threshold. */
  double sampleMaxValue();

  /** Which timesteps a shorter chain visits. */
  TimestepSpacing timestepSpacing();

  /** Added to the timesteps of {@link TimestepSpacing#LEADING}. */
  int stepsOffset();

  /** Whether the last timestep is noise only (Lin et al. 2023, algorithm 1). */
  boolean rescaleBetasZeroSnr();

  /** The name of the scheduler's class in diffusers. */
  String className();

  /** The text of a {@code scheduler_config.json} that diffusers reads. */
  String toJson();

  /** A scheduler with these options. */
  Scheduler createScheduler();

  /**
   * Reads the text of a {@code scheduler_config.json}, whose {@code _class_name} says which
   * scheduler it is for; options that are not there have defaults.
   *
   * @throws IllegalArgumentException if the scheduler or an option is not supported, or a value is
   *     out of range
   */
  static SchedulerConfig fromJson(String json) {
    String className = String.valueOf(JsonConfig.className(json));
    return switch (className) {
      case DDPMSchedulerConfig.CLASS_NAME -> DDPMSchedulerConfig.fromJson(json);
      case DDIMSchedulerConfig.CLASS_NAME -> DDIMSchedulerConfig.fromJson(json);
      case DPMSolverMultistepSchedulerConfig.CLASS_NAME ->
          DPMSolverMultistepSchedulerConfig.fromJson(json);
      default ->
          throw new IllegalArgumentException(
              "Expected _class_name to be one of %s, %s, %s, found %s. Save the model with one of these schedulers."
                  .formatted(
                      DDPMSchedulerConfig.CLASS_NAME,
                      DDIMSchedulerConfig.CLASS_NAME,
                      DPMSolverMultistepSchedulerConfig.CLASS_NAME,
                      className));
    };
  }
}
