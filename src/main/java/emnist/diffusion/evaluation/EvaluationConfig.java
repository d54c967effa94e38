package emnist.diffusion.evaluation;

/**
 * How a network is judged. Numbers can only be compared if all of this is equal.
 *
 * @param samples images to generate, at least 2; FID falls as they grow, so take thousands to
 *     publish it
 * @param splits parts the inception score is taken over, at most {@code samples}
 * @param seed what the images are generated from, image i from {@code seed + i}; also chooses the
 *     real images that SSIM compares with
 * @param numInferenceSteps network calls per image, at most the timesteps trained with
 */
public record EvaluationConfig(int samples, int splits, long seed, int numInferenceSteps) {

  public EvaluationConfig {
    if (samples < 2) {
      throw new IllegalArgumentException(
          "Expected at least 2 samples, found %d. Take hundreds, for FID falls as they grow."
              .formatted(samples));
    }
    if (splits < 1 || splits > samples) {
      throw new IllegalArgumentException(
          "Expected 1 to %d splits for %d samples, found %d. The paper takes 10."
              .formatted(samples, samples, splits));
    }
    if (numInferenceSteps < 1) {
      throw new IllegalArgumentException(
          "Expected at least 1 inference step, found %d. Take as many as trained with, or 50 for speed."
              .formatted(numInferenceSteps));
    }
  }
}
