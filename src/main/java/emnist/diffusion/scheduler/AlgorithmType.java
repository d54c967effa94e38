package emnist.diffusion.scheduler;

import com.fasterxml.jackson.annotation.JsonProperty;
import emnist.diffusion.scheduler.NoiseLevels.AlphaSigma;

/**
 * The variant of DPM-Solver (Lu et al. 2022): it integrates the predicted noise or the predicted
 * image, and solves the ordinary (ODE) or the stochastic (SDE) differential equation. Each variant
 * is an exponential integrator; its exponent depends on {@code h = lambda_t - lambda_s}, where
 * {@code lambda} is half the log-SNR.
 */
public enum AlgorithmType {
  /** Integrates the image, solves the ODE (DPM-Solver++, arXiv:2211.01095, algorithm 2). */
  @JsonProperty("dpmsolver++")
  DPMSOLVER_PLUS_PLUS(true, false),

  /** Integrates the noise, solves the ODE (DPM-Solver, arXiv:2206.00927). */
  @JsonProperty("dpmsolver")
  DPMSOLVER(false, false),

  /** Integrates the image, solves the SDE (arXiv:2211.01095, appendix A). */
  @JsonProperty("sde-dpmsolver++")
  SDE_DPMSOLVER_PLUS_PLUS(true, true),

  /** Integrates the noise, solves the SDE. */
  @JsonProperty("sde-dpmsolver")
  SDE_DPMSOLVER(false, true);

  /** True if it integrates the predicted image, false if the predicted noise. */
  final boolean ofSample;

  /** Whether a step adds fresh noise. */
  final boolean stochastic;

  AlgorithmType(boolean ofSample, boolean stochastic) {
    this.ofSample = ofSample;
    this.stochastic = stochastic;
  }

  /** The exponent of the integrator. */
  double exponent(double h) {
    return ofSample ? (stochastic ? -2 * h : -h) : h;
  }

  /** Weight of the sample in a step. */
  double sampleWeight(AlphaSigma from, AlphaSigma to) {
    if (!ofSample) {
      return to.alpha() / from.alpha();
    }
    double h = to.lambda() - from.lambda();
    return to.sigma() / from.sigma() * (stochastic ? Math.exp(-h) : 1);
  }

  /** Factor of the integrals of the network's outputs. */
  double outputScale(AlphaSigma to) {
    return ofSample ? -to.alpha() : (stochastic ? -2 : -1) * to.sigma();
  }

  /** Standard deviation of the noise that a stochastic step adds. */
  double noiseWeight(AlphaSigma from, AlphaSigma to) {
    double h = to.lambda() - from.lambda();
    return to.sigma() * Math.sqrt(ofSample ? -Math.expm1(-2 * h) : Math.expm1(2 * h));
  }
}
