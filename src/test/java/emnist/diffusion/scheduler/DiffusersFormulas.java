package emnist.diffusion.scheduler;

import static java.lang.Math.exp;
import static java.lang.Math.log;
import static java.lang.Math.sqrt;

/** The update formulas of diffusers' DPM-Solver, one by one as written there, in double. */
final class DiffusersFormulas {

  private DiffusersFormulas() {}

  /** The sample after step {@code i}, whose output is {@code m[i]}. */
  static double update(
      String algorithm,
      String solver,
      int order,
      float[] sigmas,
      int i,
      double x,
      float[] m,
      double noise) {
    double alphaT = 1 / sqrt(sigmas[i + 1] * (double) sigmas[i + 1] + 1);
    double alphaS = 1 / sqrt(sigmas[i] * (double) sigmas[i] + 1);
    double sigmaT = sigmas[i + 1] * alphaT;
    double sigmaS = sigmas[i] * alphaS;
    double h = lambda(sigmas[i + 1]) - lambda(sigmas[i]);
    double r0 = (lambda(sigmas[i]) - lambda(sigmas[i - 1])) / h;
    double d0 = m[i];
    double d1 = (m[i] - m[i - 1]) / r0;
    double d2 = 0;
    if (order == 3) {
      double r1 = (lambda(sigmas[i - 1]) - lambda(sigmas[i - 2])) / h;
      double d11 = (m[i - 1] - m[i - 2]) / r1;
      d2 = (d1 - d11) / (r0 + r1);
      d1 = d1 + r0 / (r0 + r1) * (d1 - d11);
    }
    boolean line = order == 3 || solver.equals("heun");
    return switch (algorithm) {
      case "dpmsolver++" ->
          sigmaT / sigmaS * x
              - alphaT * (exp(-h) - 1) * d0
              + (line ? alphaT * ((exp(-h) - 1) / h + 1) : -0.5 * alphaT * (exp(-h) - 1)) * d1
              - alphaT * ((exp(-h) - 1 + h) / (h * h) - 0.5) * d2;
      case "dpmsolver" ->
          alphaT / alphaS * x
              - sigmaT * (exp(h) - 1) * d0
              - (line ? sigmaT * ((exp(h) - 1) / h - 1) : 0.5 * sigmaT * (exp(h) - 1)) * d1
              - sigmaT * ((exp(h) - 1 - h) / (h * h) - 0.5) * d2;
      case "sde-dpmsolver++" ->
          sigmaT / sigmaS * exp(-h) * x
              + alphaT * (1 - exp(-2 * h)) * d0
              + (line
                      ? alphaT * ((1 - exp(-2 * h)) / (-2 * h) + 1)
                      : 0.5 * alphaT * (1 - exp(-2 * h)))
                  * d1
              + alphaT * ((1 - exp(-2 * h) - 2 * h) / (4 * h * h) - 0.5) * d2
              + sigmaT * sqrt(1 - exp(-2 * h)) * noise;
      case "sde-dpmsolver" ->
          alphaT / alphaS * x
              - 2 * sigmaT * (exp(h) - 1) * d0
              - (line ? 2 * sigmaT * ((exp(h) - 1) / h - 1) : sigmaT * (exp(h) - 1)) * d1
              + sigmaT * sqrt(exp(2 * h) - 1) * noise;
      default -> throw new AssertionError(algorithm);
    };
  }

  private static double lambda(double sigma) {
    double alpha = 1 / sqrt(sigma * sigma + 1);
    return log(alpha) - log(sigma * alpha);
  }
}
