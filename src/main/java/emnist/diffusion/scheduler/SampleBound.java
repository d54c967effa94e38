package emnist.diffusion.scheduler;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;

/**
 * Bounds a predicted image: by dynamic thresholding if that is on, else by clipping if that is on.
 *
 * <p>Dynamic thresholding clips each image at a quantile of its own absolute values and rescales it
 * to {@code [-1, 1]} (Saharia et al. 2022, Imagen, section 2.3).
 */
final class SampleBound {

  private SampleBound() {}

  /** The bounded image: a new array, or the same one if nothing is switched on. */
  static NDArray apply(ArrayScope scope, SchedulerConfig config, NDArray originalSample) {
    if (config.thresholding()) {
      return threshold(scope, config, originalSample);
    }
    float range = (float) config.clipSampleRange();
    return config.clipSample()
        ? originalSample.maximum(scope.scalar(-range)).minimum(scope.scalar(range))
        : originalSample;
  }

  private static NDArray threshold(ArrayScope scope, SchedulerConfig config, NDArray samples) {
    Shape shape = samples.getShape();
    NDArray flat = samples.reshape(shape.get(0), -1);
    NDArray bound =
        quantile(scope, flat.abs().sort(1), (float) config.dynamicThresholdingRatio())
            .maximum(scope.scalar(1))
            .minimum(scope.scalar((float) config.sampleMaxValue()));
    return flat.minimum(bound).maximum(bound.neg()).divi(bound).reshape(shape);
  }

  /** {@code torch.quantile} of each row, interpolated between the two nearest values. */
  private static NDArray quantile(ArrayScope scope, NDArray sortedRows, float ratio) {
    float rank = ratio * (sortedRows.getShape().get(1) - 1);
    long below = (long) rank;
    long above = (long) Math.ceil(rank);
    NDArray lower = sortedRows.get(new NDIndex(":, {}:{}", below, below + 1));
    NDArray upper = sortedRows.get(new NDIndex(":, {}:{}", above, above + 1));
    return upper.sub(lower).muli(scope.scalar(rank - below)).addi(lower);
  }
}
