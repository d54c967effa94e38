package emnist.diffusion.extras.quality;

import java.util.Arrays;

/**
 * A number measured on a sample of images, with its standard error: how much it differs from one
 * sample to the next.
 */
record Estimate(double value, double standardError) {

  /** A share of {@code n} images, each of which counts or does not (binomial distribution). */
  static Estimate ofShare(double p, long n) {
    return new Estimate(p, Math.sqrt(p * (1 - p) / n));
  }

  /**
   * The delete-a-group jackknife (Efron 1982): {@code √((G - 1) / G · Σ (θ₍g₎ - θ₍·₎)²)}.
   *
   * @param theta the statistic of all images
   * @param leftOut the statistic without group g, for each of the G groups
   */
  static Estimate ofJackknife(double theta, double[] leftOut) {
    double groups = leftOut.length;
    double mean = Arrays.stream(leftOut).average().orElseThrow();
    double squares = Arrays.stream(leftOut).map(t -> (t - mean) * (t - mean)).sum();
    return new Estimate(theta, Math.sqrt((groups - 1) / groups * squares));
  }
}
