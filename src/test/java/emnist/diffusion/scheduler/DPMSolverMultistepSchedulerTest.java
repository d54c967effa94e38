package emnist.diffusion.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import emnist.diffusion.Golden;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class DPMSolverMultistepSchedulerTest {

  private static final double TOLERANCE = 1e-5;
  private static final Golden CHAINS = Golden.open("sched_dpm_traj_v0.40.0");
  private static final Golden TIMESTEPS = Golden.open("sched_betas_timesteps");

  /** What each chain of the file changes from the defaults. */
  private static final Map<String, String> OPTIONS =
      Map.ofEntries(
          Map.entry("default", ""),
          Map.entry("steps", ""),
          Map.entry("karras", "\"use_karras_sigmas\": true"),
          Map.entry("lu", "\"use_lu_lambdas\": true"),
          Map.entry("leading", "\"timestep_spacing\": \"leading\""),
          Map.entry("trailing", "\"timestep_spacing\": \"trailing\""),
          Map.entry("order1", "\"solver_order\": 1"),
          Map.entry("order3", "\"solver_order\": 3"),
          Map.entry("order3_steps", "\"solver_order\": 3"),
          Map.entry("heun", "\"solver_type\": \"heun\""),
          Map.entry("sigma_min", "\"final_sigmas_type\": \"sigma_min\""),
          Map.entry(
              "euler_final", "\"euler_at_final\": true, \"final_sigmas_type\": \"sigma_min\""),
          Map.entry("no_lower_order", "\"lower_order_final\": false"),
          Map.entry("v_pred", "\"prediction_type\": \"v_prediction\""),
          Map.entry("sample_pred", "\"prediction_type\": \"sample\""),
          Map.entry(
              "thresh",
              "\"thresholding\": true, \"dynamic_thresholding_ratio\": 0.9, \"sample_max_value\": 1.7"),
          Map.entry("sde", "\"algorithm_type\": \"sde-dpmsolver++\""),
          Map.entry(
              "sde_karras", "\"algorithm_type\": \"sde-dpmsolver++\", \"use_karras_sigmas\": true"),
          Map.entry(
              "dpmsolver",
              "\"algorithm_type\": \"dpmsolver\", \"final_sigmas_type\": \"sigma_min\""),
          Map.entry(
              "cos_clip", "\"beta_schedule\": \"squaredcos_cap_v2\", \"lambda_min_clipped\": -5.1"),
          Map.entry("cos_noclip", "\"beta_schedule\": \"squaredcos_cap_v2\""),
          Map.entry(
              "cos_karras",
              "\"beta_schedule\": \"squaredcos_cap_v2\", \"use_karras_sigmas\": true"));

  private final NDManager manager = NDManager.newBaseManager();

  @AfterEach
  void free() {
    manager.close();
  }

  static Stream<String> chains() {
    return CHAINS.names().stream()
        .filter(key -> key.endsWith(".x"))
        .map(key -> key.substring(0, key.length() - 2));
  }

  @ParameterizedTest
  @MethodSource("chains")
  void theNoiseLevelsAreThoseOfDiffusers(String chain) {
    DPMSolverMultistepScheduler scheduler = scheduler(chain);

    assertThat(scheduler.timesteps()).isEqualTo(CHAINS.ints(chain + ".timesteps"));
    double[] expected = CHAINS.doubles(chain + ".sigmas");
    float[] sigmas = scheduler.sigmas();
    assertThat(sigmas).hasSameSizeAs(expected);
    for (int i = 0; i < sigmas.length; i++) {
      assertThat(Math.abs(sigmas[i] - expected[i])).isLessThanOrEqualTo(1e-5 * expected[i]);
    }
  }

  @ParameterizedTest
  @MethodSource("chains")
  void aChainIsThatOfDiffusersAtEveryStep(String chain) {
    NDArray states = CHAINS.array(manager, chain + ".x");
    NDArray noise =
        CHAINS.names().contains(chain + ".noise") ? CHAINS.array(manager, chain + ".noise") : null;
    Scheduler scheduler = scheduler(chain);
    SchedulerOutput output = SchedulerOutput.start(CHAINS.array(manager, "x_T"));

    int done = 0;
    for (int t : scheduler.timesteps()) {
      NDArray residual = ToyNetwork.forward(output.prevSample(), t);
      output = scheduler.step(residual, t, output, (step, like) -> noise.get(step));
      done++;
      ToyNetwork.assertClose(
          chain + " after step " + done, output.prevSample(), states.get(done), TOLERANCE);
    }
  }

  private static DPMSolverMultistepScheduler scheduler(String chain) {
    String name =
        chain.equals("order1") || chain.equals("order3") ? chain : chain.replaceAll("\\d+$", "");
    assertThat(OPTIONS).containsKey(name);
    return new DPMSolverMultistepScheduler(config(OPTIONS.get(name)))
        .withTimesteps(CHAINS.ints(chain + ".timesteps").length);
  }

  private static DPMSolverMultistepSchedulerConfig config(String options) {
    return DPMSolverMultistepSchedulerConfig.fromJson("{" + options + "}");
  }

  @ParameterizedTest
  @EnumSource
  void visitsTheTimestepsOfDiffusers(TimestepSpacing spacing) {
    String name = spacing.name().toLowerCase(Locale.ROOT);
    DPMSolverMultistepSchedulerConfig config =
        config("\"timestep_spacing\": \"%s\"".formatted(name));
    NoiseSchedule schedule = NoiseSchedule.of(config);
    String prefix = "timesteps.dpm.%s.".formatted(name);

    assertThat(TIMESTEPS.names().stream().filter(key -> key.startsWith(prefix)))
        .isNotEmpty()
        .allSatisfy(
            key -> {
              int steps = Integer.parseInt(key.substring(prefix.length()));
              assertThat(NoiseLevels.of(config, schedule, steps).timesteps())
                  .isEqualTo(TIMESTEPS.ints(key));
            });
  }

  @Test
  void remembersOneOutputLessThanItsOrder() {
    NDArray sample = manager.ones(new Shape(1, 1, 2, 2));
    Scheduler scheduler = new DPMSolverMultistepScheduler(config("\"solver_order\": 3"));
    SchedulerOutput output = SchedulerOutput.start(sample);
    for (int t : scheduler.timesteps()) {
      output = scheduler.step(sample, t, output, VarianceNoise.NORMAL);
    }

    assertThat(output.modelOutputs()).hasSize(2);
  }

  @Test
  void leavesNothingBehindButItsResults() {
    NDArray sample = manager.ones(new Shape(1, 1, 2, 2));
    Scheduler scheduler = new DPMSolverMultistepScheduler(config("\"thresholding\": true"));
    int before = manager.getManagedArrays().size();

    scheduler.step(
        sample, scheduler.timesteps()[0], SchedulerOutput.start(sample), VarianceNoise.NORMAL);

    assertThat(manager.getManagedArrays()).hasSize(before + 2);
  }

  @Test
  void refusesStepsBetweenWhichTheNoiseDoesNotFall() {
    DPMSolverMultistepScheduler scheduler =
        new DPMSolverMultistepScheduler(config("\"timestep_spacing\": \"leading\""));

    assertThatIllegalArgumentException()
        .isThrownBy(() -> scheduler.withTimesteps(1000))
        .withMessageMatching(
            "Expected noise levels that fall, found \\S+ before and \\S+ after step 0 of 1000. Take fewer steps, or timestep_spacing trailing.");
  }
}
