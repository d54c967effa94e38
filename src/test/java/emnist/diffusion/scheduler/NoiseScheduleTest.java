package emnist.diffusion.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import emnist.diffusion.Golden;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class NoiseScheduleTest {

  private static final double TOLERANCE = 1e-5;
  private static final Golden SCHEDULES = Golden.open("sched_betas_timesteps");

  private final NDManager manager = NDManager.newBaseManager();

  @AfterEach
  void free() {
    manager.close();
  }

  @ParameterizedTest
  @EnumSource
  void agreesWithDiffusers(BetaSchedule schedule) {
    assertSchedule(schedule.name().toLowerCase(Locale.ROOT), defaults(schedule, false), 2e-7);
  }

  @ParameterizedTest
  @EnumSource
  void agreesWithDiffusersWhenRescaledToZeroTerminalSnr(BetaSchedule schedule) {
    assertSchedule(
        schedule.name().toLowerCase(Locale.ROOT) + ".zero_snr",
        defaults(schedule, true),
        TOLERANCE);
  }

  @Test
  void agreesWithDiffusersForOtherBetasAndLengths() {
    assertSchedule(
        "scaled_linear_sd",
        schedule(
            """
            {"beta_schedule": "scaled_linear", "beta_start": 0.00085, "beta_end": 0.012}
            """),
        2e-7);
    assertSchedule("linear_T200", schedule("{\"num_train_timesteps\": 200}"), 2e-7);
  }

  @Test
  void leavesNoSignalAtTheLastTimestepWhenRescaled() {
    assertThat(defaults(BetaSchedule.LINEAR, true).alphasCumprod()[999]).isZero();
  }

  @Test
  void worksForASingleTimestep() {
    assertThat(schedule("{\"num_train_timesteps\": 1}").betas()).containsExactly(1e-4f);
  }

  @Test
  void addsNoiseAsDiffusersDoes() {
    Golden golden = Golden.open("sched_ddpm_noise");
    NDArray x0 = golden.array(manager, "x0");
    NDArray noise = golden.array(manager, "noise");
    for (BetaSchedule schedule : List.of(BetaSchedule.LINEAR, BetaSchedule.SQUAREDCOS_CAP_V2)) {
      for (String timesteps : List.of("t", "t2")) {
        NDArray noisy = scheduler(schedule).addNoise(x0, noise, golden.array(manager, timesteps));
        String key = schedule.name().toLowerCase(Locale.ROOT) + ".add_noise." + timesteps;
        golden.assertClose(key, noisy, TOLERANCE);
      }
    }
  }

  @Test
  void givesVelocitiesAsDiffusersDoes() {
    Golden golden = Golden.open("sched_ddpm_noise");
    NDArray x0 = golden.array(manager, "x0");
    NDArray noise = golden.array(manager, "noise");
    for (BetaSchedule schedule : List.of(BetaSchedule.LINEAR, BetaSchedule.SQUAREDCOS_CAP_V2)) {
      for (String timesteps : List.of("t", "t2")) {
        ForwardProcess process = scheduler(schedule).noiseSchedule().scales(manager);
        NDArray velocity = process.velocity(x0, noise, golden.array(manager, timesteps));
        String key = schedule.name().toLowerCase(Locale.ROOT) + ".get_velocity." + timesteps;
        golden.assertClose(key, velocity, TOLERANCE);
      }
    }
  }

  @Test
  void leavesNothingBehindButTheResult() {
    NDArray x0 = manager.ones(new Shape(2, 1, 4, 4));
    NDArray timesteps = manager.create(new long[] {3, 4});
    int before = manager.getManagedArrays().size();
    scheduler(BetaSchedule.LINEAR).addNoise(x0, x0, timesteps);
    assertThat(manager.getManagedArrays()).hasSize(before + 1);
  }

  @Test
  void acceptsTimestepsOf32Bits() {
    NDArray x0 = manager.ones(new Shape(1, 1, 1, 1));
    NDArray noise = x0.mul(2);
    Scheduler schedule = scheduler(BetaSchedule.LINEAR);
    assertThat(schedule.addNoise(x0, noise, manager.create(new int[] {500})))
        .isEqualTo(schedule.addNoise(x0, noise, manager.create(new long[] {500})));
  }

  @ParameterizedTest
  @ValueSource(longs = {-1, 1000})
  void refusesATimestepThatTheScheduleDoesNotHaveOnTheCpu(long timestep) {
    NDManager cpu = manager.newSubManager(Device.cpu());
    NDArray x0 = cpu.ones(new Shape(1, 1, 4, 4));
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                scheduler(BetaSchedule.LINEAR).addNoise(x0, x0, cpu.create(new long[] {timestep})))
        .withMessage(
            "Expected timesteps from 0 to 999, found [%s]. Choose those of the schedule.",
            timestep);
  }

  @Test
  void refusesTooFewTimesteps() {
    NDArray x0 = manager.ones(new Shape(2, 1, 4, 4));
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> scheduler(BetaSchedule.LINEAR).addNoise(x0, x0, manager.create(new long[] {3})))
        .withMessage(
            "Expected timesteps of shape (2), one per sample, found (1). Pass as many timesteps as samples.");
  }

  @Test
  void refusesNoiseOfAnotherShape() {
    NDArray x0 = manager.ones(new Shape(2, 1, 4, 4));
    NDArray noise = manager.ones(new Shape(1, 1, 4, 4));
    NDArray timesteps = manager.create(new long[] {3, 4});
    Scheduler schedule = scheduler(BetaSchedule.LINEAR);
    String message =
        "Expected noise of the samples' shape (2, 1, 4, 4), found (1, 1, 4, 4). Draw noise for each sample.";
    assertThatIllegalArgumentException()
        .isThrownBy(() -> schedule.addNoise(x0, noise, timesteps))
        .withMessage(message);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> schedule.noiseSchedule().scales(manager).velocity(x0, noise, timesteps))
        .withMessage(message);
  }

  @ParameterizedTest
  @EnumSource
  void minSnrWeightsCapTheSignalToNoiseRatio(PredictionType type) {
    NoiseSchedule schedule = new NoiseSchedule(DDPMSchedulerConfig.defaults());
    float[] alphasCumprod = schedule.alphasCumprod();

    float[] weights = schedule.minSnrWeights(type, 5);

    for (int t = 0; t < weights.length; t++) {
      double snr = alphasCumprod[t] / (1 - (double) alphasCumprod[t]);
      double divisor =
          switch (type) {
            case EPSILON -> snr;
            case SAMPLE -> 1;
            case V_PREDICTION -> snr + 1;
          };
      assertThat(weights[t] * divisor).isCloseTo(Math.min(snr, 5), within(1e-5 * Math.min(snr, 5)));
    }
  }

  @Test
  void noTimestepIsWithoutAWeightWhereTheSignalUnderflows() {
    NoiseSchedule schedule = schedule("{\"num_train_timesteps\": 12000}");

    assertThat(schedule.minSnrWeights(PredictionType.EPSILON, 5)).doesNotContain(Float.NaN);
  }

  @Test
  void theWeightOfPureNoiseIsZeroForVelocity() {
    NoiseSchedule schedule = defaults(BetaSchedule.LINEAR, true);

    float[] weights = schedule.minSnrWeights(PredictionType.V_PREDICTION, 5);

    assertThat(weights[999]).isZero();
    assertThat(weights[998]).isPositive();
  }

  private static Scheduler scheduler(BetaSchedule schedule) {
    return new DDPMScheduler(
        DDPMSchedulerConfig.fromJson(
            "{\"beta_schedule\": \"%s\"}".formatted(schedule.name().toLowerCase(Locale.ROOT))));
  }

  private static NoiseSchedule defaults(BetaSchedule schedule, boolean zeroTerminalSnr) {
    return schedule(
        """
        {"beta_schedule": "%s", "prediction_type": "v_prediction", "rescale_betas_zero_snr": %s}
        """
            .formatted(schedule.name().toLowerCase(Locale.ROOT), zeroTerminalSnr));
  }

  private static NoiseSchedule schedule(String options) {
    return new NoiseSchedule(DDPMSchedulerConfig.fromJson(options));
  }

  private static void assertSchedule(String name, NoiseSchedule schedule, double tolerance) {
    SCHEDULES.assertClose(name + ".betas", schedule.betas(), tolerance);
    SCHEDULES.assertClose(name + ".alphas_cumprod", schedule.alphasCumprod(), tolerance);
  }
}
