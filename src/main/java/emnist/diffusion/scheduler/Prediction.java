package emnist.diffusion.scheduler;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;

/**
 * What the network's output says about a noisy sample, {@code sample = alpha image + sigma noise}.
 *
 * @param config says what the output is, and how the image is bounded
 */
record Prediction(
    ArrayScope scope,
    SchedulerConfig config,
    NDArray sample,
    NDArray modelOutput,
    float alpha,
    float sigma) {

  /** The clean image, bounded, as a new array. */
  NDArray image() {
    return bounded(
        switch (config.predictionType()) {
          case EPSILON -> sample.sub(scope.scaled(modelOutput, sigma)).divi(scope.scalar(alpha));
          case SAMPLE -> modelOutput.duplicate();
          case V_PREDICTION -> scope.scaled(sample, alpha).subi(scope.scaled(modelOutput, sigma));
        });
  }

  /** The noise, of the image before it is bounded; may be the output array itself. */
  NDArray noise() {
    return switch (config.predictionType()) {
      case EPSILON -> modelOutput;
      case SAMPLE -> noiseFor(modelOutput);
      case V_PREDICTION -> scope.scaled(modelOutput, alpha).addi(scope.scaled(sample, sigma));
    };
  }

  /** The noise of the sample if this is its image. */
  NDArray noiseFor(NDArray image) {
    return sample.sub(scope.scaled(image, alpha)).divi(scope.scalar(sigma));
  }

  /** Thresholds the image dynamically if that is on, else clips it if that is on. */
  private NDArray bounded(NDArray image) {
    if (config.thresholding()) {
      return thresholded(image);
    }
    float range = (float) config.clipSampleRange();
    return config.clipSample()
        ? image.maximum(scope.scalar(-range)).minimum(scope.scalar(range))
        : image;
  }

  /**
   * Clips each image at a quantile of its own absolute values and rescales it to {@code [-1, 1]}
   * (Saharia et al. 2022, Imagen, section 2.3).
   */
  private NDArray thresholded(NDArray images) {
    NDArray flat = images.reshape(images.getShape().get(0), -1);
    NDArray bound =
        quantile(flat.abs().sort(1), (float) config.dynamicThresholdingRatio())
            .maximum(scope.scalar(1))
            .minimum(scope.scalar((float) config.sampleMaxValue()));
    return flat.minimum(bound).maximum(bound.neg()).divi(bound).reshape(images.getShape());
  }

  /** {@code torch.quantile} of each row, interpolated between the two nearest values. */
  private NDArray quantile(NDArray sortedRows, float ratio) {
    float rank = ratio * (sortedRows.getShape().get(1) - 1);
    long below = (long) rank;
    long above = (long) Math.ceil(rank);
    NDArray lower = sortedRows.get(new NDIndex(":, {}:{}", below, below + 1));
    NDArray upper = sortedRows.get(new NDIndex(":, {}:{}", above, above + 1));
    return scope.scaled(upper.sub(lower), rank - below).addi(lower);
  }
}
