package emnist.diffusion.metrics;

/**
 * The output of a {@link FeatureExtractor} for a batch of images.
 *
 * @param features {@code (N, dimension)}, the input of FID
 * @param logits {@code (N, classes)} before the softmax, the input of IS
 */
public record ImageFeatures(float[][] features, float[][] logits) {

  public ImageFeatures {
    if (features.length != logits.length) {
      throw new IllegalArgumentException(
          "Expected features and logits of the same images, found %d and %d rows. Take both from one pass."
              .formatted(features.length, logits.length));
    }
  }
}
