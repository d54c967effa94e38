package emnist.diffusion.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.databind.node.ObjectNode;
import emnist.diffusion.config.Json;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DDPMSchedulerConfigTest {

  @Test
  void hasTheDefaultsOfDiffusers() {
    assertThat(DDPMSchedulerConfig.fromJson("{}")).isEqualTo(DDPMSchedulerConfig.defaults());
    ObjectNode json = Json.object(Json.parse(DDPMSchedulerConfig.defaults().toJson()));
    assertThat(json)
        .isEqualTo(
            Json.parse(
                """
                {"_class_name": "DDPMScheduler", "_diffusers_version": "0.40.0",
                 "beta_end": 0.02, "beta_schedule": "linear", "beta_start": 0.0001,
                 "clip_sample": true, "clip_sample_range": 1.0,
                 "dynamic_thresholding_ratio": 0.995, "num_train_timesteps": 1000,
                 "prediction_type": "epsilon", "rescale_betas_zero_snr": false,
                 "sample_max_value": 1.0, "steps_offset": 0, "thresholding": false,
                 "timestep_spacing": "leading", "trained_betas": null,
                 "variance_type": "fixed_small"}"""));
  }

  @Test
  void readsWhatItWrites() {
    DDPMSchedulerConfig config =
        DDPMSchedulerConfig.fromJson(
            """
            {"num_train_timesteps": 200, "beta_start": 0.00085, "beta_end": 0.012,
             "beta_schedule": "squaredcos_cap_v2", "variance_type": "fixed_large",
             "clip_sample": false, "clip_sample_range": 2, "prediction_type": "v_prediction",
             "thresholding": true, "dynamic_thresholding_ratio": 0.9, "sample_max_value": 1.7,
             "timestep_spacing": "trailing", "steps_offset": 1, "rescale_betas_zero_snr": true}
            """);
    assertThat(DDPMSchedulerConfig.fromJson(config.toJson())).isEqualTo(config);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          "num_train_timesteps": 0          | Expected num_train_timesteps from 1 to 1000000, found 0.
          "num_train_timesteps": 1000001    | Expected num_train_timesteps from 1 to 1000000, found 1000001.
          "num_train_timesteps": 1.5        | Expected num_train_timesteps as an integer from -2147483648 to 2147483647, found 1.5.
          "num_train_timesteps": "many"     | Expected num_train_timesteps as an integer from -2147483648 to 2147483647, found "many".
          "beta_start": 0                   | Expected 0 < beta_start < 1, found 0.0.
          "beta_start": true                | Expected beta_start as a number, found true.
          "beta_end": 0.00001               | Expected beta_start <= beta_end < 1, found 1.0E-5.
          "beta_schedule": "laplace"        | Expected beta_schedule as one of [linear, scaled_linear, squaredcos_cap_v2, sigmoid], found "laplace".
          "variance_type": "learned_range"  | Expected variance_type as one of [fixed_small, fixed_small_log, fixed_large], found "learned_range".
          "variance_type": "fixed_large_log" | Expected variance_type as one of [fixed_small, fixed_small_log, fixed_large], found "fixed_large_log".
          "prediction_type": "flow"         | Expected prediction_type as one of [epsilon, sample, v_prediction], found "flow".
          "clip_sample": 1                  | Expected clip_sample as true or false, found 1.
          "clip_sample_range": 0            | Expected clip_sample_range > 0, found 0.0.
          "dynamic_thresholding_ratio": 2   | Expected dynamic_thresholding_ratio from 0 to 1, found 2.0.
          "sample_max_value": 0             | Expected sample_max_value > 0, found 0.0.
          "rescale_betas_zero_snr": true, "num_train_timesteps": 1 | Expected num_train_timesteps >= 2 with rescale_betas_zero_snr, found 1.
          "steps_offset": -1                | Expected steps_offset from 0 to 1000, found -1.
          """)
  void refusesAValueOutOfRange(String option, String message) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DDPMSchedulerConfig.fromJson("{" + option + "}"))
        .withMessage(message + " Change that option.");
  }

  @Test
  void refusesOptionsItDoesNotSupportByName() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DDPMSchedulerConfig.fromJson("{\"trained_betas\": [0.1, 0.2]}"))
        .withMessage(
            "Expected trained_betas as one of [null], found [0.1,0.2]. Leave it out: no other value is supported.");
  }

  @Test
  void refusesZeroTerminalSnrForNoisePrediction() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DDPMSchedulerConfig.fromJson("{\"rescale_betas_zero_snr\": true}"))
        .withMessage(
            "Expected prediction_type v_prediction or sample with rescale_betas_zero_snr, found epsilon."
                + " Do not rescale, or train for another prediction type.");
  }

  @Test
  void refusesTheConfigurationOfAnotherScheduler() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DDPMSchedulerConfig.fromJson("{\"_class_name\": \"PNDMScheduler\"}"))
        .withMessage(
            "Expected _class_name \"DDPMScheduler\", found \"PNDMScheduler\"."
                + " Load it as the class it was saved by.");
  }

  @ParameterizedTest
  @CsvSource({"[]", "not json {", "''"})
  void refusesTextThatIsNoJsonObject(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DDPMSchedulerConfig.fromJson(text))
        .withMessageStartingWith(
            "Expected a JSON object with options of DDPMScheduler, found text that is none (");
  }
}
