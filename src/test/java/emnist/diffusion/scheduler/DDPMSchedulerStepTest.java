package emnist.diffusion.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import emnist.diffusion.Golden;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class DDPMSchedulerStepTest {

  private static final double TOLERANCE = 1e-5;

  /** Of a float32, as a part of the largest; a GPU rounds otherwise than the CPU of the file. */
  private static final double GPU_ROUNDING = 0x1p-23;

  private static final Golden GOLDEN = Golden.open("sched_ddpm_steps");

  private final NDManager manager = NDManager.newBaseManager();
  private final NDArray sample = GOLDEN.array(manager, "sample");
  private final SchedulerOutput start = SchedulerOutput.start(sample);
  private final NDArray modelOutput = GOLDEN.array(manager, "model_output");
  private final NDArray varianceNoise = GOLDEN.array(manager, "variance_noise");
  private final DDPMScheduler defaults = new DDPMScheduler(DDPMSchedulerConfig.defaults());

  @AfterEach
  void free() {
    manager.close();
  }

  static Stream<String> steps() {
    return GOLDEN.names().stream().filter(key -> key.endsWith("_sample"));
  }

  @ParameterizedTest
  @MethodSource("steps")
  void agreesWithDiffusers(String key) {
    String[] settings = key.split("\\.");
    int timestep = Integer.parseInt(settings[4].substring(1));
    SchedulerOutput output =
        scheduler(settings).step(modelOutput, timestep, start, (i, like) -> varianceNoise);
    NDArray found =
        settings[5].equals("prev_sample") ? output.prevSample() : output.predOriginalSample();
    double rounding = manager.getDevice().isGpu() ? GPU_ROUNDING : 0;
    double largest = GOLDEN.difference(key, found).scale();
    GOLDEN.assertClose(key, found, Math.max(TOLERANCE, rounding * largest));
  }

  @ParameterizedTest
  @MethodSource("variances")
  void givesTheVariancesOfDiffusers(String key) {
    String[] settings = key.split("\\.");
    NoiseSchedule schedule =
        new DDPMScheduler(
                DDPMSchedulerConfig.fromJson("{\"beta_schedule\": \"%s\"}".formatted(settings[0])))
            .noiseSchedule();
    VarianceType type =
        settings[1].equals("fixed_small") ? VarianceType.FIXED_SMALL : VarianceType.FIXED_LARGE;
    double[] variances =
        IntStream.range(0, 1000)
            .mapToDouble(t -> type.variance(schedule.alphaCumprod(t), schedule.alphaCumprod(t - 1)))
            .toArray();
    GOLDEN.assertClose(key, variances, 2e-7);
  }

  static Stream<String> variances() {
    return GOLDEN.names().stream().filter(key -> key.endsWith(".variance"));
  }

  @Test
  void coversEveryReferenceArray() {
    List<String> inputs = List.of("sample", "model_output", "variance_noise");
    assertThat(Stream.of(inputs.stream(), steps(), variances()).flatMap(keys -> keys))
        .containsExactlyInAnyOrderElementsOf(GOLDEN.names());
  }

  @Test
  void drawsNoNoiseAtTimestepZero() {
    List<Integer> drawn = new ArrayList<>();
    NoiseSource noise =
        (step, like) -> {
          drawn.add(step);
          return varianceNoise;
        };
    defaults.step(modelOutput, 1, start, noise);
    defaults.step(modelOutput, 0, start, noise);
    assertThat(drawn).containsExactly(998);
  }

  @Test
  void leavesItsArgumentsAsTheyWere() {
    defaults.step(modelOutput, 500, start, (i, like) -> varianceNoise);
    GOLDEN.assertClose("sample", sample, 0);
    GOLDEN.assertClose("model_output", modelOutput, 0);
    GOLDEN.assertClose("variance_noise", varianceNoise, 0);
  }

  @Test
  void leavesNothingBehindButItsTwoResults() {
    DDPMScheduler thresholding =
        new DDPMScheduler(DDPMSchedulerConfig.fromJson("{\"thresholding\": true}"));
    int before = manager.getManagedArrays().size();
    thresholding.step(modelOutput, 500, start, ToyNetwork.NORMAL_NOISE);
    assertThat(manager.getManagedArrays()).hasSize(before + 2);
  }

  @Test
  void drawsStandardNormalNoiseFromTheEngine() {
    NDArray noise = ToyNetwork.NORMAL_NOISE.draw(1, manager.zeros(new Shape(100_000)));
    assertThat(noise.mean().getFloat()).isBetween(-0.02f, 0.02f);
    assertThat(noise.square().mean().getFloat()).isBetween(0.98f, 1.02f);
  }

  @Test
  void refusesATimestepItDoesNotVisit() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                defaults
                    .withTimesteps(50)
                    .step(modelOutput, 999, start, (i, like) -> varianceNoise))
        .withMessage(
            "Expected one of the scheduler's 50 timesteps from 980 to 0, found 999. Loop over timesteps().");
  }

  @Test
  void refusesATimestepThatIsNotTheNext() {
    SchedulerOutput output = defaults.step(modelOutput, 500, start, ToyNetwork.NORMAL_NOISE);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> defaults.step(modelOutput, 400, output, ToyNetwork.NORMAL_NOISE))
        .withMessage(
            "Expected timestep 499 next, found 400. Loop over timesteps(), and start each chain with SchedulerOutput.start.");
  }

  @Test
  void refusesAStepAfterTheLast() {
    SchedulerOutput output = defaults.step(modelOutput, 0, start, ToyNetwork.NORMAL_NOISE);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> defaults.step(modelOutput, 0, output, ToyNetwork.NORMAL_NOISE))
        .withMessage(
            "Expected timestep none next, found 0. Loop over timesteps(), and start each chain with SchedulerOutput.start.");
  }

  @Test
  void refusesAModelOutputOfAnotherShape() {
    NDArray twice = modelOutput.concat(modelOutput, 1);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> defaults.step(twice, 500, start, (i, like) -> varianceNoise))
        .withMessage(
            "Expected a model output of the sample's shape (2, 1, 8, 8), found (2, 2, 8, 8)."
                + " Use a model with as many output as input channels.");
  }

  /** The scheduler of a key {@code <schedule>.<prediction>.<variance>.<clip mode>...}. */
  private static DDPMScheduler scheduler(String[] settings) {
    String boundOptions =
        switch (settings[3]) {
          case "clip" -> "";
          case "noclip" -> ", \"clip_sample\": false";
          case "clip2" -> ", \"clip_sample_range\": 2.0";
          case "thresh" ->
              ", \"thresholding\": true, \"dynamic_thresholding_ratio\": 0.9, \"sample_max_value\": 1.7";
          case "thresh_default" -> ", \"thresholding\": true";
          default -> throw new AssertionError(settings[3]);
        };
    return new DDPMScheduler(
        DDPMSchedulerConfig.fromJson(
            "{\"beta_schedule\": \"%s\", \"prediction_type\": \"%s\", \"variance_type\": \"%s\"%s}"
                .formatted(settings[0], settings[1], settings[2], boundOptions)));
  }
}
