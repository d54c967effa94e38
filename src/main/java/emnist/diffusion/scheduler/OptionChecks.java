package emnist.diffusion.scheduler;

/** Range checks of the options that schedulers share. */
final class OptionChecks {

  private OptionChecks() {}

  static void check(boolean fulfilled, String expected, Number found) {
    if (!fulfilled) {
      throw new IllegalArgumentException(
          "Expected %s, found %s. Change that option.".formatted(expected, found));
    }
  }

  static void checkSchedule(
      int numTrainTimesteps, double betaStart, double betaEnd, int stepsOffset) {
    check(numTrainTimesteps >= 1, "num_train_timesteps >= 1", numTrainTimesteps);
    // A thousand is usual. Memory grows with the number, and a file can name any number.
    check(numTrainTimesteps <= 1_000_000, "num_train_timesteps <= 1000000", numTrainTimesteps);
    check(betaStart > 0 && betaStart < 1, "0 < beta_start < 1", betaStart);
    check(betaEnd >= betaStart && betaEnd < 1, "beta_start <= beta_end < 1", betaEnd);
    check(stepsOffset >= 0, "steps_offset >= 0", stepsOffset);
  }

  static void checkZeroSnr(
      int numTrainTimesteps, PredictionType predictionType, boolean rescaleBetasZeroSnr) {
    check(
        numTrainTimesteps >= 2 || !rescaleBetasZeroSnr,
        "num_train_timesteps >= 2 with rescale_betas_zero_snr",
        numTrainTimesteps);
    if (rescaleBetasZeroSnr && predictionType == PredictionType.EPSILON) {
      throw new IllegalArgumentException(
          "Expected prediction_type v_prediction or sample with rescale_betas_zero_snr, found epsilon."
              + " Do not rescale, or train for another prediction type.");
    }
  }

  static void checkNotSigmoid(BetaSchedule betaSchedule, String className) {
    if (betaSchedule == BetaSchedule.SIGMOID) {
      throw new IllegalArgumentException(
          "Expected beta_schedule as one of [linear, scaled_linear, squaredcos_cap_v2] for %s, as in diffusers, found sigmoid. Sample with DDPMScheduler."
              .formatted(className));
    }
  }

  static void checkBound(
      double clipSampleRange, double dynamicThresholdingRatio, double sampleMaxValue) {
    check(clipSampleRange > 0, "clip_sample_range > 0", clipSampleRange);
    check(
        dynamicThresholdingRatio >= 0 && dynamicThresholdingRatio <= 1,
        "0 <= dynamic_thresholding_ratio <= 1",
        dynamicThresholdingRatio);
    check(sampleMaxValue > 0, "sample_max_value > 0", sampleMaxValue);
  }
}
