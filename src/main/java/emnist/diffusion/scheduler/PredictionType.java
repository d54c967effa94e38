package emnist.diffusion.scheduler;

import ai.djl.ndarray.NDArray;

/** What the network predicts from a noisy image. */
public enum PredictionType {
  /** The noise (Ho et al. 2020, equation 14). */
  EPSILON {
    @Override
    NDArray originalSample(
        StepScope scope, NDArray sample, NDArray modelOutput, float alphaCumprod) {
      NDArray noise = modelOutput.mul(scope.scalar(noiseScale(alphaCumprod)));
      return sample.sub(noise).divi(scope.scalar(signalScale(alphaCumprod)));
    }
  },

  /** The image without noise. */
  SAMPLE {
    @Override
    NDArray originalSample(
        StepScope scope, NDArray sample, NDArray modelOutput, float alphaCumprod) {
      return modelOutput.duplicate();
    }
  },

  /** The velocity between noise and image (Salimans and Ho 2022, appendix D). */
  V_PREDICTION {
    @Override
    NDArray originalSample(
        StepScope scope, NDArray sample, NDArray modelOutput, float alphaCumprod) {
      NDArray noisePart = modelOutput.mul(scope.scalar(noiseScale(alphaCumprod)));
      return sample.mul(scope.scalar(signalScale(alphaCumprod))).subi(noisePart);
    }
  };

  /** The image without noise that the network's output stands for, a new array. */
  abstract NDArray originalSample(
      StepScope scope, NDArray sample, NDArray modelOutput, float alphaCumprod);

  private static float signalScale(float alphaCumprod) {
    return (float) Math.sqrt(alphaCumprod);
  }

  private static float noiseScale(float alphaCumprod) {
    return (float) Math.sqrt(1 - alphaCumprod);
  }
}
