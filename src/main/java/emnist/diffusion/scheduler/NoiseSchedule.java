package emnist.diffusion.scheduler;

import ai.djl.ndarray.NDManager;

/**
 * The forward process: how much signal and how much noise a training image contains at each
 * timestep {@code 0 .. T-1} (Ho et al. 2020, equation 4). Immutable; the numbers equal those of
 * diffusers 0.40.
 */
public final class NoiseSchedule {

  private final float[] betas;
  private final float[] alphasCumprod;

  NoiseSchedule(SchedulerConfig config) {
    float[] scheduled =
        config
            .betaSchedule()
            .betas(config.numTrainTimesteps(), config.betaStart(), config.betaEnd());
    betas = config.rescaleBetasZeroSnr() ? rescaledToZeroTerminalSnr(scheduled) : scheduled;
    alphasCumprod = cumulativeProduct(betas);
  }

  /** Variance of the noise that each step adds. */
  public float[] betas() {
    return betas.clone();
  }

  /** Cumulative products of {@code 1 - beta}: the share of signal power left at each timestep. */
  public float[] alphasCumprod() {
    return alphasCumprod.clone();
  }

  /** The share of signal power left at {@code t}; 1 before the first timestep ({@code t < 0}). */
  float alphaCumprod(int t) {
    return t < 0 ? 1 : alphasCumprod[t];
  }

  /** The forward process on the device of {@code manager}, which owns its arrays. */
  public ForwardProcess scales(NDManager manager) {
    float[] signal = new float[betas.length];
    float[] noise = new float[betas.length];
    for (int t = 0; t < betas.length; t++) {
      signal[t] = (float) Math.sqrt(alphasCumprod[t]);
      noise[t] = (float) Math.sqrt(1 - alphasCumprod[t]);
    }
    return new ForwardProcess(manager.create(signal), manager.create(noise));
  }

  /**
   * Weight of each timestep in the training loss, so that none dominates: {@code min(SNR, gamma)}
   * for a network that predicts the image, divided by {@code SNR} for noise and by {@code SNR + 1}
   * for velocity (Hang et al. 2023, Min-SNR, arXiv:2303.09556, section 3.4).
   *
   * @param gamma cap of the signal-to-noise ratio, above 0
   * @return one weight per training timestep
   */
  public float[] minSnrWeights(PredictionType predictionType, double gamma) {
    float[] weights = new float[alphasCumprod.length];
    for (int t = 0; t < weights.length; t++) {
      double snr = alphasCumprod[t] / (1.0 - alphasCumprod[t]);
      double weight =
          switch (predictionType) {
            case EPSILON -> Math.min(1, gamma / snr);
            case SAMPLE -> Math.min(snr, gamma);
            case V_PREDICTION -> Math.min(snr, gamma) / (snr + 1);
          };
      weights[t] = (float) weight;
    }
    return weights;
  }

  /** {@code torch.cumprod} on a CPU: accumulates in double and rounds each product to float. */
  private static float[] cumulativeProduct(float[] betas) {
    float[] products = new float[betas.length];
    double product = 1;
    for (int t = 0; t < betas.length; t++) {
      product *= 1 - betas[t];
      products[t] = (float) product;
    }
    return products;
  }

  /** Rescales the betas so that the last timestep is noise only (Lin et al. 2023, algorithm 1). */
  private static float[] rescaledToZeroTerminalSnr(float[] betas) {
    float[] alphasCumprod = cumulativeProduct(betas);
    float first = (float) Math.sqrt(alphasCumprod[0]);
    float last = (float) Math.sqrt(alphasCumprod[betas.length - 1]);
    float stretch = first / (first - last);
    float[] rescaled = new float[betas.length];
    float before = 1;
    for (int t = 0; t < betas.length; t++) {
      float scale = ((float) Math.sqrt(alphasCumprod[t]) - last) * stretch;
      rescaled[t] = 1 - scale * scale / before;
      before = scale * scale;
    }
    return rescaled;
  }
}
