package emnist.diffusion.scheduler;

import ai.djl.ndarray.NDArray;
import com.fasterxml.jackson.annotation.JsonProperty;

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

  /**
   * The clean image implied by the network's output, as a new array.
   *
   * @param alpha scale of the image in {@code sample}
   * @param sigma scale of the noise in it
   */
  NDArray originalSample(
      ArrayScope scope, NDArray sample, NDArray modelOutput, float alpha, float sigma) {
    return switch (this) {
      case EPSILON -> sample.sub(modelOutput.mul(scope.scalar(sigma))).divi(scope.scalar(alpha));
      case SAMPLE -> modelOutput.duplicate();
      case V_PREDICTION ->
          sample.mul(scope.scalar(alpha)).subi(modelOutput.mul(scope.scalar(sigma)));
    };
  }

  /** The noise implied by the network's output; may be the output array itself. */
  NDArray noise(ArrayScope scope, NDArray sample, NDArray modelOutput, float alpha, float sigma) {
    return switch (this) {
      case EPSILON -> modelOutput;
      case SAMPLE -> noiseFrom(scope, sample, modelOutput, alpha, sigma);
      case V_PREDICTION ->
          modelOutput.mul(scope.scalar(alpha)).addi(sample.mul(scope.scalar(sigma)));
    };
  }

  /** Solves {@code sample = alpha image + sigma noise} for the noise. */
  static NDArray noiseFrom(
      ArrayScope scope, NDArray sample, NDArray image, float alpha, float sigma) {
    return sample.sub(image.mul(scope.scalar(alpha))).divi(scope.scalar(sigma));
  }
}
