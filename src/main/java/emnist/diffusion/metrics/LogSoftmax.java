package emnist.diffusion.metrics;

/** The logarithms of a classifier's probabilities. */
public final class LogSoftmax {

  private LogSoftmax() {}

  /**
   * {@code log(exp(x_c) / sum(exp(x)))} for each class c, in double precision.
   *
   * @param logits one for each class, of one image
   * @throws IllegalArgumentException if a logit is not finite
   */
  public static double[] of(float[] logits) {
    double largest = Double.NEGATIVE_INFINITY;
    for (float logit : logits) {
      if (!Float.isFinite(logit)) {
        throw new IllegalArgumentException(
            "Expected finite logits, found %s. Check that the images are finite; training may have diverged."
                .formatted(logit));
      }
      largest = Math.max(largest, logit);
    }
    double sum = 0;
    for (float logit : logits) {
      sum += Math.exp(logit - largest);
    }
    double logSum = largest + Math.log(sum);
    double[] logProbabilities = new double[logits.length];
    for (int c = 0; c < logits.length; c++) {
      logProbabilities[c] = logits[c] - logSum;
    }
    return logProbabilities;
  }
}
