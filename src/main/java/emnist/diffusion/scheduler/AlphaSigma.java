package emnist.diffusion.scheduler;

/**
 * The scales of image and noise in a sample. Their squares add up to 1.
 *
 * @param alpha scale of the image
 * @param sigma scale of the noise
 */
record AlphaSigma(double alpha, double sigma) {

  /** The scales at a noise level {@code sigma / alpha}, called sigma by Karras et al. 2022. */
  static AlphaSigma ofLevel(double level) {
    double alpha = 1 / Math.sqrt(level * level + 1);
    return new AlphaSigma(alpha, level * alpha);
  }

  /** Half the logarithm of the signal-to-noise ratio; infinite if there is no noise. */
  double lambda() {
    return Math.log(alpha) - Math.log(sigma);
  }
}
