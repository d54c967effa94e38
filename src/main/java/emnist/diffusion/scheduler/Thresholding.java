package emnist.diffusion.scheduler;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;

/**
 * Dynamic thresholding: each image is clipped at a quantile of its own magnitudes and scaled back
 * to {@code [-1, 1]} (Saharia et al. 2022, Imagen, section 2.3).
 *
 * @param ratio the quantile, in {@code [0, 1]}
 * @param sampleMaxValue the largest threshold, at least 1
 */
record Thresholding(double ratio, double sampleMaxValue) {

  /** Applies it to images {@code (N, ...)}, giving a new array. */
  NDArray apply(StepScope scope, NDArray samples) {
    Shape shape = samples.getShape();
    NDArray flat = samples.reshape(shape.get(0), -1);
    NDArray bound =
        quantile(scope, flat.abs().sort(1))
            .maximum(scope.scalar(1))
            .minimum(scope.scalar((float) sampleMaxValue));
    return flat.minimum(bound).maximum(bound.neg()).divi(bound).reshape(shape);
  }

  /** {@code torch.quantile} of each row, interpolated between the two nearest values. */
  private NDArray quantile(StepScope scope, NDArray sortedRows) {
    float rank = (float) ratio * (sortedRows.getShape().get(1) - 1);
    long below = (long) rank;
    long above = (long) Math.ceil(rank);
    NDArray lower = sortedRows.get(new NDIndex(":, {}:{}", below, below + 1));
    NDArray upper = sortedRows.get(new NDIndex(":, {}:{}", above, above + 1));
    return upper.sub(lower).muli(scope.scalar(rank - below)).addi(lower);
  }
}
