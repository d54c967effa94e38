package emnist.diffusion.scheduler;

import com.fasterxml.jackson.annotation.JsonProperty;

/**
 * Which integral DPM-Solver approximates: that of the predicted noise or of the predicted image, of
 * the ordinary or of the stochastic differential equation. With a half-log-SNR of {@code lambda}
 * and {@code h = lambda_t - lambda_s}, each is an exponential integrator in an exponent z of its
 * own.
 */
public enum AlgorithmType {
  /** Of the image, ODE (Lu et al. 2022, DPM-Solver++, arXiv:2211.01095, algorithm 2). */
  @JsonProperty("dpmsolver++")
  DPMSOLVER_PLUS_PLUS(true, false),

  /** Of the noise, ODE (Lu et al. 2022, DPM-Solver, arXiv:2206.00927). */
  @JsonProperty("dpmsolver")
  DPMSOLVER(false, false),

  /** Of the image, SDE (arXiv:2211.01095, appendix A). */
  @JsonProperty("sde-dpmsolver++")
  SDE_DPMSOLVER_PLUS_PLUS(true, true),

  /** Of the noise, SDE. */
  @JsonProperty("sde-dpmsolver")
  SDE_DPMSOLVER(false, true);

  private final boolean ofSample;
  private final boolean stochastic;

  AlgorithmType(boolean ofSample, boolean stochastic) {
    this.ofSample = ofSample;
    this.stochastic = stochastic;
  }

  /** Whether the integral is that of the predicted image, and not of the noise. */
  boolean ofSample() {
    return ofSample;
  }

  /** Whether a step adds fresh noise. */
  boolean stochastic() {
    return stochastic;
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

  /** What the integrals of the network's outputs are multiplied with. */
  double outputScale(AlphaSigma to) {
    return ofSample ? -to.alpha() : (stochastic ? -2 : -1) * to.sigma();
  }

  /** Standard deviation of the noise that a step adds; 0 without. */
  double noiseWeight(AlphaSigma from, AlphaSigma to) {
    if (!stochastic) {
      return 0;
    }
    double h = to.lambda() - from.lambda();
    return to.sigma() * Math.sqrt(ofSample ? -Math.expm1(-2 * h) : Math.expm1(2 * h));
  }
}
