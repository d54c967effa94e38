package emnist.diffusion.scheduler;

import com.fasterxml.jackson.annotation.JsonProperty;

/**
 * How beta, the variance of the noise added per training step, grows over the steps. The values
 * equal those of diffusers 0.40, including its rounding to float32.
 */
public enum BetaSchedule {
  /** Evenly spaced from the first to the last beta (Ho et al. 2020, section 4). */
  @JsonProperty("linear")
  LINEAR,

  /** Square roots evenly spaced (Rombach et al. 2022, latent diffusion). */
  @JsonProperty("scaled_linear")
  SCALED_LINEAR,

  /**
   * Cosine-shaped share of signal, each beta capped at 0.999 (Nichol and Dhariwal 2021, equation
   * 17). The first and last beta have no effect.
   */
  @JsonProperty("squaredcos_cap_v2")
  SQUAREDCOS_CAP_V2,

  /** A sigmoid from the first to the last beta (Xu et al. 2022, GeoDiff). */
  @JsonProperty("sigmoid")
  SIGMOID;

  /** One beta per training step. */
  float[] betas(int count, double start, double end) {
    float[] betas = new float[count];
    for (int t = 0; t < count; t++) {
      betas[t] =
          switch (this) {
            case LINEAR -> linspace((float) start, (float) end, count, t);
            case SCALED_LINEAR -> {
              float root = linspace((float) Math.sqrt(start), (float) Math.sqrt(end), count, t);
              yield root * root;
            }
            case SQUAREDCOS_CAP_V2 -> {
              double before = cosineAlphaBar((double) t / count);
              double after = cosineAlphaBar((t + 1.0) / count);
              yield (float) Math.min(1 - after / before, 0.999);
            }
            case SIGMOID -> {
              float sigmoid = (float) (1 / (1 + Math.exp(-linspace(-6, 6, count, t))));
              yield sigmoid * (float) (end - start) + (float) start;
            }
          };
    }
    return betas;
  }

  private static double cosineAlphaBar(double time) {
    double cosine = Math.cos((time + 0.008) / 1.008 * Math.PI / 2);
    return cosine * cosine;
  }

  /** Value {@code i} of {@code torch.linspace}: float32 steps counted from the nearer end. */
  private static float linspace(float start, float end, int count, int i) {
    float step = count == 1 ? 0 : (end - start) / (count - 1);
    return i < (count + 1) / 2 ? start + step * i : end - step * (count - 1 - i);
  }
}
