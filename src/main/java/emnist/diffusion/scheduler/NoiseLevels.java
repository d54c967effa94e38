package emnist.diffusion.scheduler;

import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * The timesteps that DPM-Solver visits and their noise levels {@code sigma / alpha} (Karras et al.
 * 2022, arXiv:2206.00364, table 1).
 *
 * @param timesteps one per step, falling; with the Karras and Lu levels, two steps may share one
 * @param sigmas the level before each step, then the level at the end of the chain
 */
record NoiseLevels(int[] timesteps, float[] sigmas) {

  /**
   * The levels of a chain of {@code numInferenceSteps}; trailing spacing gives fewer if {@code
   * lambda_min_clipped} removes some.
   *
   * @throws IllegalArgumentException if {@code numInferenceSteps} is not between 1 and the number
   *     of training timesteps, or the configuration's offset leads beyond the last of them
   */
  static NoiseLevels of(
      DPMSolverMultistepSchedulerConfig config, NoiseSchedule schedule, int numInferenceSteps) {
    TimestepSpacing.requireSteps(config.numTrainTimesteps(), numInferenceSteps);
    float[] trained = trainedSigmas(config, schedule);
    int[] timesteps;
    double[] sigmas;
    if (config.useKarrasSigmas()) {
      sigmas = karras(trained[0], trained[trained.length - 1], numInferenceSteps);
      timesteps = timesteps(config, trained, sigmas);
    } else if (config.useLuLambdas()) {
      double last = (float) Math.log(trained[0]);
      double first = (float) Math.log(trained[trained.length - 1]);
      sigmas = lu(first, last, numInferenceSteps);
      timesteps = timesteps(config, trained, sigmas);
    } else {
      timesteps = spaced(config, trained, numInferenceSteps);
      OptionChecks.checkOffset(timesteps[0], config);
      sigmas = IntStream.of(timesteps).mapToDouble(t -> trained[t]).toArray();
    }
    float[] levels = new float[sigmas.length + 1];
    for (int i = 0; i < sigmas.length; i++) {
      levels[i] = (float) sigmas[i];
    }
    if (sigmas.length > 1 && (config.useKarrasSigmas() || config.useLuLambdas())) {
      levels[sigmas.length - 1] = trained[0]; // rounding could put it below sigma_min
    }
    levels[sigmas.length] = config.finalSigmasType() == FinalSigmasType.ZERO ? 0 : trained[0];
    return new NoiseLevels(timesteps, levels);
  }

  /** The noise level of every training timestep, rising. */
  private static float[] trainedSigmas(
      DPMSolverMultistepSchedulerConfig config, NoiseSchedule schedule) {
    float[] alphasCumprod = schedule.alphasCumprod();
    if (config.rescaleBetasZeroSnr()) {
      // As in diffusers: almost no signal, but enough for a finite first level.
      alphasCumprod[alphasCumprod.length - 1] = 0x1p-24f;
    }
    float[] sigmas = new float[alphasCumprod.length];
    for (int t = 0; t < sigmas.length; t++) {
      sigmas[t] = (float) Math.sqrt((1 - alphasCumprod[t]) / alphasCumprod[t]);
    }
    return sigmas;
  }

  /** Karras et al. 2022, equation 5, with the paper's rho of 7. */
  private static double[] karras(double sigmaMin, double sigmaMax, int steps) {
    double first = Math.pow(sigmaMax, 1 / 7.0);
    double last = Math.pow(sigmaMin, 1 / 7.0);
    return ramp(steps).map(r -> Math.pow(first + r * (last - first), 7)).toArray();
  }

  /** Levels with evenly spaced logarithms (Lu et al. 2022, arXiv:2206.00927, section 3.4). */
  private static double[] lu(double first, double last, int steps) {
    return ramp(steps).map(r -> Math.exp(first + r * (last - first))).toArray();
  }

  private static DoubleStream ramp(int steps) {
    double step = steps == 1 ? 0 : 1.0 / (steps - 1);
    return IntStream.range(0, steps).mapToDouble(i -> steps > 1 && i == steps - 1 ? 1 : i * step);
  }

  /** The training timesteps closest to the levels on a logarithmic scale. */
  private static int[] timesteps(
      DPMSolverMultistepSchedulerConfig config, float[] trained, double[] sigmas) {
    // diffusers rounds down for the cosine schedule, and to nearest for all others.
    boolean down = config.betaSchedule() == BetaSchedule.SQUAREDCOS_CAP_V2;
    return DoubleStream.of(sigmas)
        .map(sigma -> timestep(trained, sigma))
        .mapToInt(t -> (int) (down ? t : Math.rint(t)))
        .toArray();
  }

  private static double timestep(float[] trained, double sigma) {
    // Rounded to float32, as the table is, so that the first level maps to the last timestep.
    float logSigma = (float) Math.log(sigma);
    int low = 0;
    while (low < trained.length - 2 && (float) Math.log(trained[low + 1]) <= logSigma) {
      low++;
    }
    float below = (float) Math.log(trained[low]);
    float above = (float) Math.log(trained[low + 1]);
    double weight = Math.min(Math.max((double) (below - logSigma) / (below - above), 0), 1);
    return (1 - weight) * low + weight * (low + 1);
  }

  /**
   * Like {@link TimestepSpacing}, but with wider steps, because the chain does not end at timestep
   * 0.
   */
  private static int[] spaced(
      DPMSolverMultistepSchedulerConfig config, float[] trained, int steps) {
    int count = visited(config, trained);
    return switch (config.timestepSpacing()) {
      case LINSPACE -> {
        double step = (double) (count - 1) / steps;
        yield IntStream.range(0, steps)
            .map(i -> i == 0 ? count - 1 : (int) Math.rint((steps - i) * step))
            .toArray();
      }
      case LEADING -> {
        int step = count / (steps + 1);
        IntStream indices = IntStream.range(0, steps);
        yield indices.map(i -> (steps - i) * step + config.stepsOffset()).toArray();
      }
      case TRAILING -> {
        // The step as numpy.arange computes it, which decides how ties are rounded.
        double ratio = (double) config.numTrainTimesteps() / steps;
        double step = (count - ratio) - count;
        yield IntStream.range(0, (int) Math.ceil(count / ratio))
            .map(i -> (int) Math.rint(count + i * step) - 1)
            .filter(t -> t >= 0) // diffusers' rounding may add a step at timestep -1
            .toArray();
      }
    };
  }

  /** Number of timesteps, counted from 0, whose half-log-SNR is not clipped. */
  private static int visited(DPMSolverMultistepSchedulerConfig config, float[] trained) {
    IntStream timesteps = IntStream.range(0, trained.length);
    int visited =
        (int) timesteps.filter(t -> -Math.log(trained[t]) >= config.lambdaMinClipped()).count();
    OptionChecks.check(
        visited > 0,
        "lambda_min_clipped below the half-log-SNR of timestep 0, " + -Math.log(trained[0]),
        config.lambdaMinClipped());
    return visited;
  }
}
