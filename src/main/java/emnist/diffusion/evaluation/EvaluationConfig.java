package emnist.diffusion.evaluation;

/**
 * How a network is evaluated. Scores can only be compared if all of this is equal.
 *
 * @param samples images to generate, 2 to 10,000,000; FID falls as they grow, so use thousands for
 *     scores to publish
 * @param splits parts that the inception score is averaged over, at most {@code samples}
 * @param seed seed of the images, image i from {@code seed + i}; also of the choice of the real
 *     images that SSIM compares with
 * @param numInferenceSteps network calls per image, at most the timesteps trained with
 */
public record EvaluationConfig(int samples, int splits, long seed, int numInferenceSteps) {

  public EvaluationConfig {
    if (samples < 2 || samples > 10_000_000) {
      throw new IllegalArgumentException(
          "Expected 2 to 10000000 samples, found %s. Use hundreds, because FID falls as they grow."
              .formatted(samples));
    }
    if (splits < 1 || splits > samples) {
      throw new IllegalArgumentException(
          "Expected 1 to %s splits for %s samples, found %s. The paper uses 10."
              .formatted(samples, samples, splits));
    }
    if (numInferenceSteps < 1) {
      throw new IllegalArgumentException(
          "Expected at least 1 inference step, found %s. Use as many as in training, or 50 for speed."
              .formatted(numInferenceSteps));
    }
  }
}
