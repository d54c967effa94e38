package emnist.diffusion.scheduler;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Locale;

/** What the network predicts from a noisy image. */
public enum PredictionType {
  /** The noise (Ho et al. 2020, equation 14). */
  @JsonProperty("epsilon")
  EPSILON,

  /** The clean image. */
  @JsonProperty("sample")
  SAMPLE,

  /** The velocity between noise and image (Salimans and Ho 2022, appendix D). */
  @JsonProperty("v_prediction")
  V_PREDICTION;

  /** The name in diffusers. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
