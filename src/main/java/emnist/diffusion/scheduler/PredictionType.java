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

  /** The image without noise. */
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
   * The image without noise that the network's output stands for, a new array.
   *
   * @param alpha scale of the image in {@code sample}
   * @param sigma scale of the noise in it
   */
  abstract NDArray originalSample(
      ArrayScope scope, NDArray sample, NDArray modelOutput, float alpha, float sigma);

  /** The noise that the network's output stands for; perhaps the output itself. */
  abstract NDArray noise(
      ArrayScope scope, NDArray sample, NDArray modelOutput, float alpha, float sigma);

  /** The image in a sample whose noise is known. */
  static NDArray imageFrom(
      ArrayScope scope, NDArray sample, NDArray noise, float alpha, float sigma) {
    return sample.sub(noise.mul(scope.scalar(sigma))).divi(scope.scalar(alpha));
  }

  /** The noise in a sample whose image is known. */
  static NDArray noiseFrom(
      ArrayScope scope, NDArray sample, NDArray image, float alpha, float sigma) {
    return sample.sub(image.mul(scope.scalar(alpha))).divi(scope.scalar(sigma));
  }
}
