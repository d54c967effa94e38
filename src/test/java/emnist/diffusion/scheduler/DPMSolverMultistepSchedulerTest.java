package emnist.diffusion.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import emnist.diffusion.Golden;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class DPMSolverMultistepSchedulerTest {

  private static final double TOLERANCE = 1e-5;
  private static final Golden CHAINS = Golden.open("sched_dpm_traj_v0.40.0");
  private static final Golden LEVELS = Golden.open("sched_dpm_levels_numpy2");
  private static final Golden TIMESTEPS = Golden.open("sched_betas_timesteps");

  /** The options of each chain in the file that differ from the defaults. */
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
    ToyNetwork.assertChain(CHAINS, chain, scheduler(chain), manager, TOLERANCE);
  }

  static Stream<String> levels() {
    return LEVELS.names().stream().filter(key -> key.startsWith("timesteps."));
  }

  /** NumPy 2 compares a float32 table with a float64 level; NumPy 1 rounded the level first. */
  @ParameterizedTest
  @MethodSource("levels")
  void karrasAndLuLevelsHaveTheTimestepsOfDiffusersWithNumPy2(String key) {
    var config = DPMSolverMultistepSchedulerConfig.fromJson(LEVELS.metadata().get(key));
    int[] expected = LEVELS.ints(key);

    assertThat(NoiseLevels.of(config, expected.length).timesteps()).isEqualTo(expected);
  }

  @Test
  void aThresholdedKarrasChainIsThatOfDiffusersWithNumPy2() {
    var config = DPMSolverMultistepSchedulerConfig.fromJson(LEVELS.metadata().get("chain"));
    int[] timesteps = LEVELS.ints("chain.ts");
    Scheduler scheduler = new DPMSolverMultistepScheduler(config).withTimesteps(timesteps.length);
    NDArray states = LEVELS.array(manager, "chain.traj");
    SchedulerOutput output = SchedulerOutput.start(LEVELS.array(manager, "chain.x"));

    assertThat(scheduler.timesteps()).isEqualTo(timesteps);
    for (int step = 0; step < timesteps.length; step++) {
      NDArray x = output.prevSample();
      NDArray residual = x.mul(1.3f).add(0.01f * timesteps[step]).sin().mul(0.7f).add(x.mul(0.1f));
      output = scheduler.step(residual, timesteps[step], output, ToyNetwork.NORMAL_NOISE);
      ToyNetwork.assertClose("step " + step, output.prevSample(), states.get(step), TOLERANCE);
    }
  }

  static DPMSolverMultistepScheduler scheduler(String chain) {
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
    String prefix = "timesteps.dpm.%s.".formatted(name);

    assertThat(TIMESTEPS.names().stream().filter(key -> key.startsWith(prefix)))
        .isNotEmpty()
        .allSatisfy(
            key -> {
              int steps = Integer.parseInt(key.substring(prefix.length()));
              assertThat(NoiseLevels.of(config, steps).timesteps()).isEqualTo(TIMESTEPS.ints(key));
            });
  }

  @Test
  void remembersOneOutputLessThanItsOrder() {
    NDArray sample = manager.ones(new Shape(1, 1, 2, 2));
    Scheduler scheduler = new DPMSolverMultistepScheduler(config("\"solver_order\": 3"));
    SchedulerOutput output = SchedulerOutput.start(sample);
    for (int t : scheduler.timesteps()) {
      output = scheduler.step(sample, t, output, ToyNetwork.NORMAL_NOISE);
    }

    assertThat(output.modelOutputs()).hasSize(2);
  }

  @Test
  void leavesNothingBehindButItsResults() {
    NDArray sample = manager.ones(new Shape(1, 1, 2, 2));
    Scheduler scheduler = new DPMSolverMultistepScheduler(config("\"thresholding\": true"));
    int before = manager.getManagedArrays().size();

    scheduler.step(
        sample, scheduler.timesteps()[0], SchedulerOutput.start(sample), ToyNetwork.NORMAL_NOISE);

    assertThat(manager.getManagedArrays()).hasSize(before + 2);
  }

  /** Compares all algorithms with diffusers' formulas on a sample of one pixel. */
  @ParameterizedTest
  @CsvSource({
    "dpmsolver++, midpoint, 2", "dpmsolver++, heun, 2", "dpmsolver++, midpoint, 3",
    "dpmsolver, midpoint, 2", "dpmsolver, heun, 2", "dpmsolver, midpoint, 3",
    "sde-dpmsolver++, midpoint, 2", "sde-dpmsolver++, heun, 2", "sde-dpmsolver++, heun, 3",
    "sde-dpmsolver, midpoint, 2", "sde-dpmsolver, heun, 2"
  })
  void aStepIsTheFormulaOfDiffusers(String algorithm, String solver, int order) {
    boolean ofSample = algorithm.endsWith("++");
    DPMSolverMultistepScheduler scheduler =
        new DPMSolverMultistepScheduler(
            config(
                """
                "algorithm_type": "%s", "solver_type": "%s", "solver_order": %s,
                "final_sigmas_type": "sigma_min", "prediction_type": "%s"
                """
                    .formatted(algorithm, solver, order, ofSample ? "sample" : "epsilon")));
    float[] m = {0.3f, -0.8f, 0.5f};
    float noise = 0.7f;
    SchedulerOutput output = SchedulerOutput.start(manager.create(new float[] {1.1f}));
    float x = 0;
    for (int i = 0; i < 3; i++) {
      x = output.prevSample().getFloat();
      output =
          scheduler.step(
              manager.create(new float[] {m[i]}),
              scheduler.timesteps()[i],
              output,
              (step, like) -> manager.create(new float[] {noise}));
    }

    double expected =
        DiffusersFormulas.update(algorithm, solver, order, scheduler.sigmas(), 2, x, m, noise);

    assertThat((double) output.prevSample().getFloat()).isCloseTo(expected, within(1e-5));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ", \"lambda_min_clipped\": -5.1"})
  void trailingStepsNeverLeadBelowTheFirstTimestep(String more) {
    DPMSolverMultistepScheduler scheduler =
        new DPMSolverMultistepScheduler(config("\"timestep_spacing\": \"trailing\"" + more));

    assertThat(IntStream.rangeClosed(1, 900))
        .allSatisfy(
            steps -> assertThat(scheduler.withTimesteps(steps).timesteps()).doesNotContain(-1));
  }

  @ParameterizedTest
  @ValueSource(strings = {"linear", "scaled_linear", "squaredcos_cap_v2"})
  void theNoiseNeverRisesAtTheEnd(String schedule) {
    for (String levels : List.of("use_lu_lambdas", "use_karras_sigmas")) {
      float[] sigmas =
          new DPMSolverMultistepScheduler(
                  config(
                      "\"%s\": true, \"beta_schedule\": \"%s\", \"final_sigmas_type\": \"sigma_min\""
                          .formatted(levels, schedule)))
              .sigmas();

      assertThat(sigmas[sigmas.length - 1]).isEqualTo(sigmas[sigmas.length - 2]);
    }
  }

  @Test
  void whatAChainRemembersOutlivesTheOutputsItCameFrom() {
    NDArray sample = manager.ones(new Shape(1, 1, 2, 2));
    Scheduler scheduler =
        new DPMSolverMultistepScheduler(config("\"prediction_type\": \"sample\""));
    SchedulerOutput output = SchedulerOutput.start(sample);
    for (int t : scheduler.timesteps()) {
      try (NDManager step = manager.newSubManager()) {
        output = scheduler.step(step.ones(sample.getShape()), t, output, ToyNetwork.NORMAL_NOISE);
      }
    }

    assertThat(output.prevSample().toFloatArray()).containsOnly(1);
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 5, 10, 20, 21})
  void fewTrainingTimestepsAreEnough(int timesteps) {
    assertThat(
            new DPMSolverMultistepScheduler(
                    config("\"num_train_timesteps\": %s".formatted(timesteps)))
                .timesteps())
        .isNotEmpty();
  }

  @Test
  void refusesToClipEveryTimestep() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new DPMSolverMultistepScheduler(config("\"lambda_min_clipped\": 100")))
        .withMessageMatching(
            "Expected lambda_min_clipped below the half-log-SNR of timestep 0, 4\\.\\d+, found 100.0. Change that option.");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1001})
  void refusesANumberOfStepsThatIsNone(int steps) {
    DPMSolverMultistepScheduler scheduler = new DPMSolverMultistepScheduler(config(""));

    assertThatIllegalArgumentException()
        .isThrownBy(() -> scheduler.withTimesteps(steps))
        .withMessage(
            "Expected 1 to 1000 inference steps, found %s. Use at most as many steps as in training.",
            steps);
  }

  @Test
  void refusesAnOffsetThatLeadsBeyondTheLastTimestep() {
    DPMSolverMultistepScheduler scheduler =
        new DPMSolverMultistepScheduler(
            config("\"timestep_spacing\": \"leading\", \"steps_offset\": 50"));

    assertThatIllegalArgumentException()
        .isThrownBy(() -> scheduler.withTimesteps(19))
        .withMessage(
            "Expected steps_offset that keeps timesteps below 1000 for this number of steps, found 50. Change that option.");
  }

  @Test
  void refusesStepsBetweenWhichTheNoiseDoesNotFall() {
    DPMSolverMultistepScheduler scheduler =
        new DPMSolverMultistepScheduler(config("\"timestep_spacing\": \"leading\""));

    assertThatIllegalArgumentException()
        .isThrownBy(() -> scheduler.withTimesteps(1000))
        .withMessageMatching(
            "Expected falling noise levels, found \\S+ before and \\S+ after step 0 of 1000. Use fewer steps, or timestep_spacing trailing.");
  }
}
