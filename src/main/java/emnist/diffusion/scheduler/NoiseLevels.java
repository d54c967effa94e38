package emnist.diffusion.scheduler;

import emnist.diffusion.scheduler.DPMSolverMultistepSchedulerConfig.FinalSigmasType;
import java.util.Arrays;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * The timesteps that DPM-Solver visits and their noise levels {@code sigma / alpha} (Karras et al.
 * 2022, arXiv:2206.00364, table 1).
 *
 * <p>The timesteps are those of diffusers with NumPy 2. With {@code rescale_betas_zero_snr}, a few
 * Karras and Lu chains differ by one: there the last bit of a square root decides, and PyTorch's
 * depends on the machine.
 *
 * @param timesteps one per step, falling; with the Karras and Lu levels, two steps may share one
 * @param sigmas the level before each step, then the level at the end of the chain
 */
record NoiseLevels(int[] timesteps, float[] sigmas) {

  /**
   * Requires noise levels that fall with every step. Only the last step may keep its level, because
   * the Karras and Lu levels already end at sigma_min.
   */
  NoiseLevels requireFalling() {
    for (int i = 1; i < sigmas.length - 1; i++) {
      if (!(sigmas[i] < sigmas[i - 1])) {
        throw new IllegalArgumentException(
            "Expected falling noise levels, found %s before and %s after step %s of %s. Use fewer steps, or timestep_spacing trailing."
                .formatted(sigmas[i - 1], sigmas[i], i - 1, sigmas.length - 1));
      }
    }
    return this;
  }

  /** The scales of image (alpha) and noise (sigma) in a sample; their squares add up to 1. */
  record AlphaSigma(double alpha, double sigma) {

    /** Half the logarithm of the signal-to-noise ratio; infinite if there is no noise. */
    double lambda() {
      return Math.log(alpha) - Math.log(sigma);
    }
  }

  /** The scales before a step. */
  AlphaSigma at(int step) {
    double level = sigmas[step];
    double alpha = 1 / Math.sqrt(level * level + 1);
    return new AlphaSigma(alpha, level * alpha);
  }

  /** The levels of a chain, with as many steps as {@link Scheduler#withTimesteps} says. */
  static NoiseLevels of(DPMSolverMultistepSchedulerConfig config, int numInferenceSteps) {
    TimestepSpacing.requireSteps(config, numInferenceSteps);
    float[] trained = trainedSigmas(config);
    double sigmaMin = trained[0];
    double sigmaMax = trained[trained.length - 1];
    int[] timesteps;
    double[] sigmas;
    if (config.useKarrasSigmas()) {
      // Karras et al. 2022, equation 5, with the paper's rho of 7.
      double first = Math.pow(sigmaMax, 1 / 7.0);
      double last = Math.pow(sigmaMin, 1 / 7.0);
      sigmas = spread(first, last, numInferenceSteps).map(root -> Math.pow(root, 7)).toArray();
      timesteps = timesteps(config, trained, sigmas);
    } else if (config.useLuLambdas()) {
      // Evenly spaced logarithms (Lu et al. 2022, arXiv:2206.00927, section 3.4).
      double first = (float) Math.log(sigmaMax);
      double last = (float) Math.log(sigmaMin);
      sigmas = spread(first, last, numInferenceSteps).map(Math::exp).toArray();
      timesteps = timesteps(config, trained, sigmas);
    } else {
      timesteps = spaced(config, trained, numInferenceSteps);
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
  private static float[] trainedSigmas(DPMSolverMultistepSchedulerConfig config) {
    float[] alphasCumprod = new NoiseSchedule(config).alphasCumprod();
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

  /** Evenly spaced numbers, both ends included. */
  private static DoubleStream spread(double first, double last, int steps) {
    double step = steps == 1 ? 0 : 1.0 / (steps - 1);
    return IntStream.range(0, steps)
        .mapToDouble(i -> steps > 1 && i == steps - 1 ? 1 : i * step)
        .map(share -> first + share * (last - first));
  }

  /** The training timesteps closest to the levels on a logarithmic scale. */
  private static int[] timesteps(
      DPMSolverMultistepSchedulerConfig config, float[] trained, double[] sigmas) {
    // diffusers rounds down for the cosine schedule, and to nearest for all others.
    boolean down = config.betaSchedule() == BetaSchedule.SQUAREDCOS_CAP_V2;
    int[] timesteps =
        DoubleStream.of(sigmas)
            .map(sigma -> timestep(trained, sigma))
            .mapToInt(t -> (int) (down ? t : Math.rint(t)))
            .toArray();
    if (timesteps.length > 1 && timesteps[0] == timesteps[1]) {
      // diffusers cannot run such a chain. The first level is that of the last timestep.
      timesteps[0] = trained.length - 1;
    }
    return timesteps;
  }

  private static double timestep(float[] trained, double sigma) {
    // As NumPy 2 does: a table in float32, compared with a level in float64.
    double logSigma = Math.log(sigma);
    int low = 0;
    for (int t = 0; t < trained.length; t++) {
      low = (float) Math.log(trained[t]) <= logSigma ? t : low;
    }
    low = Math.min(low, trained.length - 2);
    float below = (float) Math.log(trained[low]);
    float above = (float) Math.log(trained[low + 1]);
    double weight = Math.min(Math.max((below - logSigma) / (below - above), 0), 1);
    return (1 - weight) * low + weight * (low + 1);
  }

  /**
   * As {@link TimestepSpacing} says, but without timestep 0, where the chain does not end, nor
   * those whose half-log-SNR is clipped.
   */
  private static int[] spaced(
      DPMSolverMultistepSchedulerConfig config, float[] trained, int steps) {
    IntStream visited =
        IntStream.range(0, trained.length)
            .filter(t -> -Math.log(trained[t]) >= config.lambdaMinClipped());
    int count = (int) visited.count();
    OptionChecks.check(
        count > 0,
        "lambda_min_clipped below the half-log-SNR of timestep 0, " + -Math.log(trained[0]),
        config.lambdaMinClipped());
    return config.timestepSpacing() == TimestepSpacing.TRAILING
        ? TimestepSpacing.timesteps(config, count, steps)
        : Arrays.copyOf(TimestepSpacing.timesteps(config, count, steps + 1), steps);
  }
}
