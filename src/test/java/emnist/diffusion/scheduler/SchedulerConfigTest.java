package emnist.diffusion.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.databind.node.ObjectNode;
import emnist.diffusion.CapturedLog;
import emnist.diffusion.config.Json;
import java.util.stream.Stream;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class SchedulerConfigTest {

  static Stream<SchedulerConfig> configs() {
    return Stream.of(
        DDPMSchedulerConfig.fromJson("{\"variance_type\": \"fixed_large\"}"),
        DDIMSchedulerConfig.fromJson("{\"set_alpha_to_one\": false}"),
        DPMSolverMultistepSchedulerConfig.fromJson("{\"solver_order\": 3}"));
  }

  @ParameterizedTest
  @MethodSource("configs")
  void theFileSaysWhichSchedulerItIsFor(SchedulerConfig config) {
    Scheduler scheduler = Scheduler.fromJson(config.toJson());

    assertThat(scheduler.getClass().getSimpleName()).isEqualTo(config.className());
    assertThat(scheduler.config()).isEqualTo(config);
  }

  @Test
  void ddimHasTheDefaultsOfDiffusers() {
    assertThat(Json.parse(DDIMSchedulerConfig.fromJson("{}").toJson()))
        .isEqualTo(
            Json.parse(
                """
                {"_class_name": "DDIMScheduler", "_diffusers_version": "0.40.0",
                 "beta_end": 0.02, "beta_schedule": "linear", "beta_start": 0.0001,
                 "clip_sample": true, "clip_sample_range": 1.0,
                 "dynamic_thresholding_ratio": 0.995, "num_train_timesteps": 1000,
                 "prediction_type": "epsilon", "rescale_betas_zero_snr": false,
                 "sample_max_value": 1.0, "set_alpha_to_one": true, "steps_offset": 0,
                 "thresholding": false, "timestep_spacing": "leading", "trained_betas": null}
                """));
  }

  @Test
  void dpmSolverHasTheDefaultsOfDiffusers() {
    assertThat(Json.parse(DPMSolverMultistepSchedulerConfig.fromJson("{}").toJson()))
        .isEqualTo(
            Json.parse(
                """
                {"_class_name": "DPMSolverMultistepScheduler", "_diffusers_version": "0.40.0",
                 "algorithm_type": "dpmsolver++", "beta_end": 0.02, "beta_schedule": "linear",
                 "beta_start": 0.0001, "dynamic_thresholding_ratio": 0.995,
                 "euler_at_final": false, "final_sigmas_type": "zero", "flow_shift": 1.0,
                 "lambda_min_clipped": -Infinity, "lower_order_final": true,
                 "num_train_timesteps": 1000, "prediction_type": "epsilon",
                 "rescale_betas_zero_snr": false, "sample_max_value": 1.0, "solver_order": 2,
                 "solver_type": "midpoint", "steps_offset": 0, "thresholding": false,
                 "time_shift_type": "exponential", "timestep_spacing": "linspace",
                 "trained_betas": null, "use_beta_sigmas": false, "use_dynamic_shifting": false,
                 "use_exponential_sigmas": false, "use_flow_sigmas": false,
                 "use_karras_sigmas": false, "use_lu_lambdas": false, "variance_type": null}
                """));
  }

  @Test
  void writesInfinityAsPythonDoes() {
    assertThat(DPMSolverMultistepSchedulerConfig.fromJson("{}").toJson())
        .contains("\"lambda_min_clipped\": -Infinity,");
  }

  @Test
  void anotherSchedulerTakesOverWhatBothHave() {
    SchedulerConfig trained =
        DDPMSchedulerConfig.fromJson(
            """
            {"beta_schedule": "squaredcos_cap_v2", "prediction_type": "v_prediction",
             "variance_type": "fixed_large", "clip_sample_range": 2}
            """);

    assertThat(DDIMScheduler.fromConfig(trained, "{\"timestep_spacing\": \"trailing\"}").config())
        .isEqualTo(
            DDIMSchedulerConfig.fromJson(
                """
                {"beta_schedule": "squaredcos_cap_v2", "prediction_type": "v_prediction",
                 "clip_sample_range": 2, "timestep_spacing": "trailing"}
                """));
    assertThat(DPMSolverMultistepScheduler.fromConfig(trained, "{\"solver_order\": 3}").config())
        .isEqualTo(
            DPMSolverMultistepSchedulerConfig.fromJson(
                """
                {"beta_schedule": "squaredcos_cap_v2", "prediction_type": "v_prediction",
                 "timestep_spacing": "leading", "solver_order": 3}
                """));
    assertThat(
            DDPMScheduler.fromConfig(DDIMScheduler.fromConfig(trained, "{}").config(), "{}")
                .config())
        .isEqualTo(
            DDPMScheduler.fromConfig(trained, "{\"variance_type\": \"fixed_small\"}").config());
  }

  @ParameterizedTest
  @MethodSource("configs")
  void opensAFileThatDiffusersSavedAfterSwappingTheScheduler(SchedulerConfig before) {
    ObjectNode hidden = Json.object(Json.parse(before.toJson()));
    for (SchedulerConfig after : configs().toList()) {
      ObjectNode file = Json.object(Json.parse(after.toJson()));
      hidden.properties().forEach(o -> file.putIfAbsent(o.getKey(), o.getValue()));
      if (after.className().startsWith("DPM")) {
        file.put("variance_type", "fixed_small");
      }

      assertThat(SchedulerConfig.fromJson(file.toString())).isEqualTo(after);
    }
  }

  /** Files as diffusers 0.2, 0.3 and 0.8 wrote them, and one of a later version yet. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          "_class_name": "DDPMScheduler", "_diffusers_version": "0.2.0", "tensor_format": "pt", "clip_sample": false | tensor_format | "clip_sample": false
          "_class_name": "DDPMScheduler", "predict_epsilon": true | predict_epsilon | "prediction_type": "epsilon"
          "_class_name": "DDPMScheduler", "predict_epsilon": false, "tensor_format": "np" | predict_epsilon, tensor_format | "prediction_type": "sample"
          "_class_name": "DDIMScheduler", "timestep_values": null, "tensor_format": "pt" | timestep_values, tensor_format | "clip_sample": true
          "_class_name": "DDIMScheduler", "predict_epsilon": false, "prediction_type": "sample" | predict_epsilon | "prediction_type": "sample"
          "_class_name": "DPMSolverMultistepScheduler", "predict_epsilon": true, "skip_prk_steps": true | predict_epsilon, skip_prk_steps | "prediction_type": "epsilon"
          "_class_name": "DDPMScheduler", "option_of_tomorrow": {"a": [1]} | option_of_tomorrow | "beta_end": 0.02
          """)
  void opensTheFileOfAnotherVersionWithOneWarning(String file, String named, String meant) {
    String className = file.split("\"")[3];
    String present = "{\"_class_name\": \"%s\", %s}".formatted(className, meant);

    String log =
        CapturedLog.during(
            () ->
                assertThat(SchedulerConfig.fromJson("{" + file + "}"))
                    .isEqualTo(SchedulerConfig.fromJson(present)));

    assertThat(log.lines())
        .singleElement(InstanceOfAssertFactories.STRING)
        .contains(className + " of diffusers 0.40.0 has no option " + named + ": read as");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          "predict_epsilon": false, "prediction_type": "epsilon"     | false | epsilon
          "predict_epsilon": true, "prediction_type": "v_prediction" | true  | v_prediction
          "predict_epsilon": 1                                       | 1     | epsilon
          """)
  void refusesTwoPredictionTypesInOneFile(String options, String found, String type) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DDIMSchedulerConfig.fromJson("{" + options + "}"))
        .withMessage(
            "Expected predict_epsilon as true with prediction_type epsilon, or false with sample, found %s with %s. Remove predict_epsilon.",
            found, type);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {"_class_name": "PNDMScheduler"} | PNDMScheduler
          {"_class_name": null}            | null
          {"_class_name": ["DDPMScheduler"]} | null
          {}                               | null
          """)
  void refusesASchedulerItDoesNotHave(String json, String found) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Scheduler.fromJson(json))
        .withMessage(
            "Expected _class_name to be one of DDPMScheduler, DDIMScheduler, DPMSolverMultistepScheduler, found %s. Save the model with one of these schedulers.",
            found);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          "solver_order": 4              | Expected solver_order 1, 2 or 3, found 4. Change that option.
          "solver_type": "bh2"           | Expected solver_type as one of [midpoint, heun], found "bh2". Change that option.
          "algorithm_type": "deis"       | Expected algorithm_type as one of [dpmsolver++, dpmsolver, sde-dpmsolver++, sde-dpmsolver], found "deis". Change that option.
          "final_sigmas_type": "none"    | Expected final_sigmas_type as one of [zero, sigma_min], found "none". Change that option.
          "use_beta_sigmas": true        | Expected use_beta_sigmas as one of [false], found true. Leave it out: no other value is supported.
          "use_exponential_sigmas": true | Expected use_exponential_sigmas as one of [false], found true. Leave it out: no other value is supported.
          "use_flow_sigmas": true        | Expected use_flow_sigmas as one of [false], found true. Leave it out: no other value is supported.
          "flow_shift": 3.0              | Expected flow_shift as one of [1.0], found 3.0. Leave it out: no other value is supported.
          "variance_type": "learned"     | Expected variance_type as one of [null, "fixed_small", "fixed_small_log", "fixed_large", "fixed_large_log"], found "learned". Leave it out: no other value is supported.
          "num_train_timesteps": 1       | Expected num_train_timesteps >= 2, found 1. Change that option.
          "beta_schedule": "sigmoid"     | Expected beta_schedule as one of [linear, scaled_linear, squaredcos_cap_v2] for DPMSolverMultistepScheduler, as in diffusers, found sigmoid. Sample with DDPMScheduler.
          "use_dynamic_shifting": true   | Expected use_dynamic_shifting as one of [false], found true. Leave it out: no other value is supported.
          "use_karras_sigmas": true, "use_lu_lambdas": true | Expected one spacing of the noise levels, found use_karras_sigmas and use_lu_lambdas. Choose one.
          "algorithm_type": "dpmsolver"  | Expected final_sigmas_type sigma_min with dpmsolver and sde-dpmsolver, found zero. Change it, or choose dpmsolver++ or sde-dpmsolver++.
          "algorithm_type": "sde-dpmsolver", "final_sigmas_type": "sigma_min", "solver_order": 3 | Expected solver_order 1 or 2 with sde-dpmsolver, found 3. Lower it, or choose sde-dpmsolver++.
          """)
  void dpmSolverRefusesWhatItDoesNotSupportByName(String option, String message) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DPMSolverMultistepSchedulerConfig.fromJson("{" + option + "}"))
        .withMessage(message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          "skip_prk_steps": true | Expected options of DDIMScheduler, found "skip_prk_steps". Remove it; the supported ones are num_train_timesteps, beta_start, beta_end, beta_schedule, clip_sample, set_alpha_to_one, steps_offset, prediction_type, thresholding, dynamic_thresholding_ratio, clip_sample_range, sample_max_value, timestep_spacing, rescale_betas_zero_snr.
          "trained_betas": [0.1] | Expected trained_betas as one of [null], found [0.1]. Leave it out: no other value is supported.
          "beta_schedule": "sigmoid" | Expected beta_schedule as one of [linear, scaled_linear, squaredcos_cap_v2] for DDIMScheduler, as in diffusers, found sigmoid. Sample with DDPMScheduler.
          "set_alpha_to_one": 1  | Expected set_alpha_to_one as true or false, found 1. Change that option.
          """)
  void ddimRefusesWhatItDoesNotSupportByName(String option, String message) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DDIMSchedulerConfig.fromJson("{" + option + "}"))
        .withMessage(message);
  }
}
