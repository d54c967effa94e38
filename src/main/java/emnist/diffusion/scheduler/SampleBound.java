package emnist.diffusion.scheduler;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;

/**
 * Bounds a predicted image: by dynamic thresholding if that is on, else by clipping if that is on.
 *
 * <p>Dynamic thresholding clips each image at a quantile of its own absolute values and rescales it
 * to {@code [-1, 1]} (Saharia et al. 2022, Imagen, section 2.3).
 *
 * @param thresholding whether to threshold
 * @param ratio the quantile, in {@code [0, 1]}
 * @param sampleMaxValue the largest threshold
 * @param clipping whether to clip
 * @param range largest magnitude after clipping
 */
record SampleBound(
    boolean thresholding, double ratio, double sampleMaxValue, boolean clipping, double range) {

  /**
   * The bound of a configuration. Clipping is passed separately, because not every scheduler has
   * it.
   */
  static SampleBound of(SchedulerConfig config, boolean clipping, double range) {
    return new SampleBound(
        config.thresholding(),
        config.dynamicThresholdingRatio(),
        config.sampleMaxValue(),
        clipping,
        range);
  }

  /** The bounded image: a new array, or the same one if nothing is switched on. */
  NDArray apply(ArrayScope scope, NDArray originalSample) {
    if (thresholding) {
      return threshold(scope, originalSample);
    }
    return clipping
        ? originalSample.maximum(scope.scalar((float) -range)).minimum(scope.scalar((float) range))
        : originalSample;
  }

  private NDArray threshold(ArrayScope scope, NDArray samples) {
    Shape shape = samples.getShape();
    NDArray flat = samples.reshape(shape.get(0), -1);
    NDArray bound =
        quantile(scope, flat.abs().sort(1))
            .maximum(scope.scalar(1))
            .minimum(scope.scalar((float) sampleMaxValue));
    return flat.minimum(bound).maximum(bound.neg()).divi(bound).reshape(shape);
  }

  /** {@code torch.quantile} of each row, interpolated between the two nearest values. */
  private NDArray quantile(ArrayScope scope, NDArray sortedRows) {
    float rank = (float) ratio * (sortedRows.getShape().get(1) - 1);
    long below = (long) rank;
    long above = (long) Math.ceil(rank);
    NDArray lower = sortedRows.get(new NDIndex(":, {}:{}", below, below + 1));
    NDArray upper = sortedRows.get(new NDIndex(":, {}:{}", above, above + 1));
    return upper.sub(lower).muli(scope.scalar(rank - below)).addi(lower);
  }
}
