package emnist.diffusion.scheduler;

/**
 * The scales of image and noise in a sample, whose squares add up to 1.
 *
 * @param alpha scale of the image
 * @param sigma scale of the noise
 */
record AlphaSigma(double alpha, double sigma) {

  /** Of a noise level {@code sigma / alpha} (Karras et al. 2022's sigma). */
  static AlphaSigma ofLevel(double level) {
    double alpha = 1 / Math.sqrt(level * level + 1);
    return new AlphaSigma(alpha, level * alpha);
  }

  /** Half the logarithm of the signal-to-noise ratio; infinite without noise. */
  double lambda() {
    return Math.log(alpha) - Math.log(sigma);
  }
}
