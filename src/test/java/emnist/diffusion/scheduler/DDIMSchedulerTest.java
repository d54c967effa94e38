package emnist.diffusion.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import emnist.diffusion.Golden;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class DDIMSchedulerTest {

  private static final double TOLERANCE = 1e-5;
  private static final Golden STEPS = Golden.open("sched_ddim_steps");
  private static final Golden CHAINS = Golden.open("sched_ddim_traj");
  private static final Golden TIMESTEPS = Golden.open("sched_betas_timesteps");

  private final NDManager manager = NDManager.newBaseManager();

  @AfterEach
  void free() {
    manager.close();
  }

  static Stream<String> steps() {
    return STEPS.names().stream().filter(key -> key.endsWith("_sample"));
  }

  @ParameterizedTest
  @MethodSource("steps")
  void aStepIsThatOfDiffusers(String key) {
    NDArray noise = STEPS.array(manager, "variance_noise");
    int timestep = Integer.parseInt(key.replaceAll(".*\\.t(\\d+)\\..*", "$1"));

    SchedulerOutput output =
        scheduler(key)
            .step(
                STEPS.array(manager, "model_output"),
                timestep,
                SchedulerOutput.start(STEPS.array(manager, "sample")),
                (step, like) -> noise);

    ToyNetwork.assertClose(
        key,
        key.endsWith(".prev_sample") ? output.prevSample() : output.predOriginalSample(),
        STEPS.array(manager, key),
        TOLERANCE);
  }

  /** The scheduler of {@code <prediction>.<clip mode>.eta<eta>[.useclipped].t<t>.<what>}. */
  private static DDIMScheduler scheduler(String key) {
    String[] settings = key.split("\\.");
    String bound =
        switch (settings[1]) {
          case "clip" -> "";
          case "noclip" -> ", \"clip_sample\": false";
          case "clip_noone" -> ", \"set_alpha_to_one\": false";
          case "thresh" ->
              ", \"thresholding\": true, \"dynamic_thresholding_ratio\": 0.9, \"sample_max_value\": 1.7";
          default -> throw new AssertionError(key);
        };
    return new DDIMScheduler(
            DDIMSchedulerConfig.fromJson(
                "{\"prediction_type\": \"%s\"%s}".formatted(settings[0], bound)))
        .withTimesteps(50)
        .withEta(Double.parseDouble(key.replaceAll(".*\\.eta([\\d.]+\\d)\\..*", "$1")))
        .withUseClippedModelOutput(key.contains(".useclipped."));
  }

  static Stream<String> chains() {
    return CHAINS.names().stream()
        .filter(key -> key.endsWith(".x"))
        .map(key -> key.substring(0, key.length() - 2));
  }

  @ParameterizedTest
  @MethodSource("chains")
  void aChainIsThatOfDiffusersAtEveryStep(String chain) {
    ToyNetwork.assertChain(CHAINS, chain, chainScheduler(chain), manager, TOLERANCE);
  }

  static Scheduler chainScheduler(String chain) {
    List<String> options = new ArrayList<>();
    String spacing = chain.replaceAll(".*(leading|linspace|trailing).*", "$1");
    options.add("\"timestep_spacing\": \"%s\"".formatted(spacing));
    if (chain.contains("offset1")) {
      options.add("\"steps_offset\": 1, \"set_alpha_to_one\": false");
    }
    if (chain.contains("noclip") || chain.startsWith("v_zero_snr")) {
      options.add("\"clip_sample\": false");
    }
    if (chain.startsWith("v_zero_snr")) {
      options.add("\"prediction_type\": \"v_prediction\", \"rescale_betas_zero_snr\": true");
    }
    return new DDIMScheduler(DDIMSchedulerConfig.fromJson("{" + String.join(", ", options) + "}"))
        .withTimesteps(CHAINS.ints(chain + ".timesteps").length)
        .withEta(chain.contains("eta0.5") ? 0.5 : 0);
  }

  @Test
  void coversEveryReferenceArray() {
    assertThat(
            STEPS.names().stream()
                .filter(key -> !List.of("sample", "model_output", "variance_noise").contains(key)))
        .containsExactlyElementsOf(steps().toList());
    List<String> chains = chains().toList();
    assertThat(CHAINS.names())
        .allMatch(
            key ->
                key.equals("x_T")
                    || chains.contains(key.replaceAll("\\.(x|timesteps|noise)$", "")));
  }

  @ParameterizedTest
  @EnumSource
  void visitsTheTimestepsOfDiffusers(TimestepSpacing spacing) {
    String name = spacing.name().toLowerCase(Locale.ROOT);
    DDIMScheduler scheduler =
        new DDIMScheduler(
            DDIMSchedulerConfig.fromJson("{\"timestep_spacing\": \"%s\"}".formatted(name)));
    String prefix = "timesteps.ddim.%s.".formatted(name);

    assertThat(TIMESTEPS.names().stream().filter(key -> key.startsWith(prefix)))
        .isNotEmpty()
        .allSatisfy(
            key -> {
              int steps = Integer.parseInt(key.substring(prefix.length()));
              assertThat(scheduler.withTimesteps(steps).timesteps()).isEqualTo(TIMESTEPS.ints(key));
            });
  }

  @Test
  void drawsNoNoiseUnlessAsked() {
    DDIMScheduler scheduler = new DDIMScheduler(DDIMSchedulerConfig.fromJson("{}"));
    NoiseSource never =
        (step, like) -> {
          throw new AssertionError("asked at step " + step);
        };

    SchedulerOutput output =
        scheduler.step(
            STEPS.array(manager, "model_output"),
            500,
            SchedulerOutput.start(STEPS.array(manager, "sample")),
            never);

    assertThat(output.nextStep()).isEqualTo(500);
  }

  @ParameterizedTest
  @ValueSource(doubles = {-0.1, 1.1, Double.NaN})
  void refusesAnEtaOutOfRange(double eta) {
    DDIMScheduler scheduler = new DDIMScheduler(DDIMSchedulerConfig.fromJson("{}"));

    assertThatIllegalArgumentException()
        .isThrownBy(() -> scheduler.withEta(eta))
        .withMessage(
            "Expected eta in [0, 1], found %s. Use 0 for DDIM, 1 for the noise of DDPM.", eta);
  }

  @Test
  void refusesAnOffsetThatLeadsBeyondTheLastTimestep() {
    DDIMScheduler scheduler =
        new DDIMScheduler(DDIMSchedulerConfig.fromJson("{\"steps_offset\": 400}"));

    assertThatIllegalArgumentException()
        .isThrownBy(() -> scheduler.withTimesteps(3))
        .withMessage(
            "Expected steps_offset that keeps timesteps below 1000 for this number of steps, found 400. Change that option.");
  }

  @Test
  void refusesMoreStepsThanInTraining() {
    DDIMScheduler scheduler = new DDIMScheduler(DDIMSchedulerConfig.fromJson("{}"));

    assertThatIllegalArgumentException()
        .isThrownBy(() -> scheduler.withTimesteps(1001))
        .withMessage(
            "Expected 1 to 1000 inference steps, found 1001. Use at most as many steps as in training.");
  }
}
