package emnist.diffusion.scheduler;

import ai.djl.ndarray.NDArray;
import com.fasterxml.jackson.annotation.JsonProperty;

/** What the network predicts from a noisy image. */
public enum PredictionType {
  /** The noise (Ho et al. 2020, equation 14). */
  @JsonProperty("epsilon")
  EPSILON {
    @Override
    NDArray originalSample(
        ArrayScope scope, NDArray sample, NDArray modelOutput, float alpha, float sigma) {
      return imageFrom(scope, sample, modelOutput, alpha, sigma);
    }

    @Override
    NDArray noise(ArrayScope scope, NDArray sample, NDArray modelOutput, float alpha, float sigma) {
      return modelOutput;
    }
  },

  /** The clean image. */
  @JsonProperty("sample")
  SAMPLE {
    @Override
    NDArray originalSample(
        ArrayScope scope, NDArray sample, NDArray modelOutput, float alpha, float sigma) {
      return modelOutput.duplicate();
    }

    @Override
    NDArray noise(ArrayScope scope, NDArray sample, NDArray modelOutput, float alpha, float sigma) {
      return noiseFrom(scope, sample, modelOutput, alpha, sigma);
    }
  },

  /** The velocity between noise and image (Salimans and Ho 2022, appendix D). */
  @JsonProperty("v_prediction")
  V_PREDICTION {
    @Override
    NDArray originalSample(
        ArrayScope scope, NDArray sample, NDArray modelOutput, float alpha, float sigma) {
      NDArray noisePart = modelOutput.mul(scope.scalar(sigma));
      return sample.mul(scope.scalar(alpha)).subi(noisePart);
    }

    @Override
    NDArray noise(ArrayScope scope, NDArray sample, NDArray modelOutput, float alpha, float sigma) {
      return modelOutput.mul(scope.scalar(alpha)).addi(sample.mul(scope.scalar(sigma)));
    }
  };

  /**
   * The clean image implied by the network's output, as a new array.
   *
   * @param alpha scale of the image in {@code sample}
   * @param sigma scale of the noise in it
   */
  abstract NDArray originalSample(
      ArrayScope scope, NDArray sample, NDArray modelOutput, float alpha, float sigma);

  /** The noise implied by the network's output; may be the output array itself. */
  abstract NDArray noise(
      ArrayScope scope, NDArray sample, NDArray modelOutput, float alpha, float sigma);

  /** Solves {@code sample = alpha image + sigma noise} for the image. */
  static NDArray imageFrom(
      ArrayScope scope, NDArray sample, NDArray noise, float alpha, float sigma) {
    return sample.sub(noise.mul(scope.scalar(sigma))).divi(scope.scalar(alpha));
  }

  /** Solves {@code sample = alpha image + sigma noise} for the noise. */
  static NDArray noiseFrom(
      ArrayScope scope, NDArray sample, NDArray image, float alpha, float sigma) {
    return sample.sub(image.mul(scope.scalar(alpha))).divi(scope.scalar(sigma));
  }
}
