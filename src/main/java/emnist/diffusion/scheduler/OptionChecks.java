package emnist.diffusion.scheduler;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import emnist.diffusion.config.JsonConfig;
import java.util.List;

/** Range checks of the options that schedulers share. */
final class OptionChecks {

  private OptionChecks() {}

  /** Reads {@code predict_epsilon}, of diffusers before 0.13, as the prediction type it meant. */
  static List<String> older(ObjectNode given) {
    JsonNode found = given.remove("predict_epsilon");
    if (found == null) {
      return List.of();
    }
    String meant = found.asBoolean(true) ? "epsilon" : "sample";
    String type = given.path("prediction_type").asText(meant);
    if (!found.isBoolean() || !type.equals(meant)) {
      throw new IllegalArgumentException(
          "Expected predict_epsilon as true with prediction_type epsilon, or false with sample, found %s with %s. Remove predict_epsilon."
              .formatted(found, type));
    }
    given.put("prediction_type", meant);
    return List.of("predict_epsilon");
  }

  static void check(boolean fulfilled, String expected, Number found) {
    if (!fulfilled) {
      throw new IllegalArgumentException(
          "Expected %s, found %s. Change that option.".formatted(expected, found));
    }
  }

  static void checkSchedule(
      int numTrainTimesteps, double betaStart, double betaEnd, int stepsOffset) {
    JsonConfig.within("num_train_timesteps", numTrainTimesteps, 1, 1_000_000);
    check(betaStart > 0 && betaStart < 1, "0 < beta_start < 1", betaStart);
    check(betaEnd >= betaStart && betaEnd < 1, "beta_start <= beta_end < 1", betaEnd);
    JsonConfig.within("steps_offset", stepsOffset, 0, numTrainTimesteps);
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
    JsonConfig.within("dynamic_thresholding_ratio", dynamicThresholdingRatio, 0, 1);
    check(sampleMaxValue > 0, "sample_max_value > 0", sampleMaxValue);
  }
}
