package emnist.diffusion.scheduler;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.stream.IntStream;

/**
 * Which training timesteps a shorter denoising chain visits, in falling order (Lin et al. 2023,
 * table 2).
 *
 * <p>A step of DDIM spans {@code num_train_timesteps / steps}, rounded down, as in diffusers. With
 * {@link #LINSPACE}, and with {@link #TRAILING} unless this is exact, the timesteps lie further
 * apart: a step leaves more noise than the next one expects, and the chain ends away from the
 * image. Choose a number of steps that divides {@code num_train_timesteps}, or DPM-Solver.
 */
public enum TimestepSpacing {
  /** Evenly spaced from the last training timestep to the first, both included. */
  @JsonProperty("linspace")
  LINSPACE,

  /** Multiples of an integer step, counted up from timestep 0, plus the offset. */
  @JsonProperty("leading")
  LEADING,

  /** Evenly spaced, counted down from the last training timestep. See above for DDIM. */
  @JsonProperty("trailing")
  TRAILING;

  /** The timesteps of a chain of DDPM or DDIM; refuses as {@link Scheduler#withTimesteps}. */
  static int[] timesteps(SchedulerConfig config, int steps) {
    requireSteps(config, steps);
    return timesteps(config, config.numTrainTimesteps(), steps);
  }

  /** The same for a chain that visits only the first {@code count} training timesteps. */
  static int[] timesteps(SchedulerConfig config, int count, int steps) {
    IntStream spaced =
        switch (config.timestepSpacing()) {
          case LINSPACE -> {
            double step = steps == 1 ? 0 : (double) (count - 1) / (steps - 1);
            yield IntStream.range(0, steps).map(i -> (int) Math.rint((steps - 1 - i) * step));
          }
          case LEADING -> {
            int step = count / steps;
            yield IntStream.range(0, steps).map(i -> (steps - 1 - i) * step + config.stepsOffset());
          }
          case TRAILING -> {
            double ratio = (double) config.numTrainTimesteps() / steps;
            // The step as numpy.arange computes it, which decides how ties are rounded.
            double step = (count - ratio) - count;
            yield IntStream.range(0, (int) Math.ceil(count / ratio))
                .map(i -> (int) Math.rint(count + i * step) - 1)
                .filter(t -> t >= 0); // diffusers' rounding may add a step at timestep -1
          }
        };
    int[] timesteps = spaced.toArray();
    OptionChecks.check(
        timesteps[0] < config.numTrainTimesteps(),
        "steps_offset that keeps timesteps below %s for this number of steps"
            .formatted(config.numTrainTimesteps()),
        config.stepsOffset());
    return timesteps;
  }

  static void requireSteps(SchedulerConfig config, int steps) {
    if (steps < 1 || steps > config.numTrainTimesteps()) {
      throw new IllegalArgumentException(
          "Expected 1 to %s inference steps, found %s. Use at most as many steps as in training."
              .formatted(config.numTrainTimesteps(), steps));
    }
  }

  /** Every training timestep, falling. */
  static int[] all(int numTrainTimesteps) {
    return IntStream.iterate(numTrainTimesteps - 1, t -> t >= 0, t -> t - 1).toArray();
  }
}
