package emnist.diffusion.scheduler;

import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * The timesteps that DPM-Solver visits and the noise levels {@code sigma / alpha} there (Karras et
 * al. 2022, arXiv:2206.00364, table 1).
 *
 * @param timesteps one for each step, falling; Karras' and Lu's levels may visit one twice
 * @param sigmas the level before each step and, last, the one that the chain ends at
 */
record NoiseLevels(int[] timesteps, float[] sigmas) {

  /**
   * Of a chain of {@code numInferenceSteps}; more or fewer where the trailing spacing rounds so.
   *
   * @throws IllegalArgumentException if it is not 1 to the number of training timesteps, or if the
   *     configuration's offset leads beyond the last of them
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
      levels[sigmas.length - 1] = trained[0]; // rounding must not lead below the end
    }
    levels[sigmas.length] = config.finalSigmasType() == FinalSigmasType.ZERO ? 0 : trained[0];
    return new NoiseLevels(timesteps, levels);
  }

  /** The noise level of every training timestep, rising. */
  private static float[] trainedSigmas(
      DPMSolverMultistepSchedulerConfig config, NoiseSchedule schedule) {
    float[] alphasCumprod = schedule.alphasCumprod();
    if (config.rescaleBetasZeroSnr()) {
      // As diffusers: nearly no signal, so that the first level is finite.
      alphasCumprod[alphasCumprod.length - 1] = 0x1p-24f;
    }
    float[] sigmas = new float[alphasCumprod.length];
    for (int t = 0; t < sigmas.length; t++) {
      sigmas[t] = (float) Math.sqrt((1 - alphasCumprod[t]) / alphasCumprod[t]);
    }
    return sigmas;
  }

  /** Equation 5 of the paper, with its rho of 7. */
  private static double[] karras(double sigmaMin, double sigmaMax, int steps) {
    double first = Math.pow(sigmaMax, 1 / 7.0);
    double last = Math.pow(sigmaMin, 1 / 7.0);
    return ramp(steps).map(r -> Math.pow(first + r * (last - first), 7)).toArray();
  }

  /** Evenly spaced logarithms (Lu et al. 2022, arXiv:2206.00927, section 3.4). */
  private static double[] lu(double first, double last, int steps) {
    return ramp(steps).map(r -> Math.exp(first + r * (last - first))).toArray();
  }

  private static DoubleStream ramp(int steps) {
    double step = steps == 1 ? 0 : 1.0 / (steps - 1);
    return IntStream.range(0, steps).mapToDouble(i -> steps > 1 && i == steps - 1 ? 1 : i * step);
  }

  /** The timesteps trained with that come closest to the levels, on a logarithmic scale. */
  private static int[] timesteps(
      DPMSolverMultistepSchedulerConfig config, float[] trained, double[] sigmas) {
    int[] timesteps = new int[sigmas.length];
    for (int i = 0; i < sigmas.length; i++) {
      double t = timestep(trained, sigmas[i]);
      // diffusers rounds down for the cosine schedule alone.
      timesteps[i] =
          (int) (config.betaSchedule() == BetaSchedule.SQUAREDCOS_CAP_V2 ? t : Math.rint(t));
    }
    return timesteps;
  }

  private static double timestep(float[] trained, double sigma) {
    // In float32 as the others, so that the first level is that of the last timestep.
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

  /** As {@link TimestepSpacing}, but one step further apart, for the chain does not end at 0. */
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
        yield IntStream.range(0, steps)
            .map(i -> (steps - i) * step + config.stepsOffset())
            .toArray();
      }
      case TRAILING -> {
        // numpy.arange takes its step from its first two values; ties of the rounding depend on it.
        double ratio = (double) config.numTrainTimesteps() / steps;
        double step = (count - ratio) - count;
        yield IntStream.range(0, (int) Math.ceil(count / ratio))
            .map(i -> (int) Math.rint(count + i * step) - 1)
            .filter(t -> t >= 0) // where diffusers rounds to one step more, at timestep -1
            .toArray();
      }
    };
  }

  /** Number of timesteps, from 0 on, whose half-log-SNR is not clipped. */
  private static int visited(DPMSolverMultistepSchedulerConfig config, float[] trained) {
    int visited =
        (int)
            IntStream.range(0, trained.length)
                .filter(t -> -Math.log(trained[t]) >= config.lambdaMinClipped())
                .count();
    OptionChecks.check(
        visited > 0,
        "lambda_min_clipped below the half-log-SNR of timestep 0, " + -Math.log(trained[0]),
        config.lambdaMinClipped());
    return visited;
  }
}
