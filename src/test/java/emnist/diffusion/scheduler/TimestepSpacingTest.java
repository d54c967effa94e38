package emnist.diffusion.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import emnist.diffusion.Golden;
import java.util.Locale;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TimestepSpacingTest {

  private static final Golden GOLDEN = Golden.open("sched_betas_timesteps");

  private final DDPMScheduler scheduler = new DDPMScheduler(DDPMSchedulerConfig.defaults());

  @ParameterizedTest
  @EnumSource
  void agreesWithDiffusers(TimestepSpacing spacing) {
    DDPMScheduler spaced = scheduler(spacing, 0);
    for (int steps : new int[] {50, 30, 20, 7, 1000}) {
      String key = "timesteps.ddpm.%s.%s".formatted(name(spacing), steps);
      assertThat(spaced.withTimesteps(steps).timesteps()).as(key).isEqualTo(GOLDEN.ints(key));
    }
  }

  @ParameterizedTest
  @EnumSource
  void agreesWithDiffusersWithAnOffset(TimestepSpacing spacing) {
    String key = "timesteps.ddpm_offset1.%s.50".formatted(name(spacing));
    assertThat(scheduler(spacing, 1).withTimesteps(50).timesteps())
        .as(key)
        .isEqualTo(GOLDEN.ints(key));
  }

  @ParameterizedTest
  @EnumSource
  void fallsForEveryNumberOfSteps(TimestepSpacing spacing) {
    DDPMScheduler spaced = scheduler(spacing, 0);
    assertThat(IntStream.rangeClosed(1, 1000))
        .allSatisfy(steps -> assertThat(spaced.withTimesteps(steps).timesteps()).hasSize(steps));
  }

  @Test
  void visitsEveryTrainingTimestepUnlessToldOtherwise() {
    assertThat(scheduler.timesteps()).isEqualTo(GOLDEN.ints("timesteps.ddpm.default"));
  }

  @Test
  void takesTimestepsAsGiven() {
    int[] custom = GOLDEN.ints("timesteps.ddpm.custom");
    assertThat(scheduler.withCustomTimesteps(custom).timesteps()).isEqualTo(custom);
  }

  @Test
  void leavesTheSchedulerItWasAskedOfAsItWas() {
    scheduler.withTimesteps(7);
    assertThat(scheduler.timesteps()).hasSize(1000);
  }

  @Test
  void refusesMoreStepsThanInTraining() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> scheduler.withTimesteps(1001))
        .withMessage(
            "Expected 1 to 1000 inference steps, found 1001. Use at most as many steps as in training.");
  }

  @Test
  void refusesAnOffsetThatLeadsBeyondTheLastTimestep() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> scheduler(TimestepSpacing.LEADING, 400).withTimesteps(3))
        .withMessage(
            "Expected steps_offset that keeps timesteps below 1000 for this number of steps, found 400. Change that option.");
  }

  @Test
  void refusesTimestepsThatRise() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> scheduler.withCustomTimesteps(500, 700))
        .withMessageContaining("found [500, 700]");
  }

  @Test
  void refusesNoTimesteps() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> scheduler.withCustomTimesteps())
        .withMessage("Expected at least one timestep, found none. Pass the timesteps to visit.");
  }

  private static String name(TimestepSpacing spacing) {
    return spacing.name().toLowerCase(Locale.ROOT);
  }

  private static DDPMScheduler scheduler(TimestepSpacing spacing, int stepsOffset) {
    return new DDPMScheduler(
        DDPMSchedulerConfig.fromJson(
            "{\"timestep_spacing\": \"%s\", \"steps_offset\": %s}"
                .formatted(name(spacing), stepsOffset)));
  }
}
