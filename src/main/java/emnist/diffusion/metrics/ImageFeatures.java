package emnist.diffusion.metrics;

/**
 * The output of a {@link FeatureExtractor} for a batch of images.
 *
 * @param features {@code (N, dimension)}, the input of FID
 * @param logits {@code (N, classes)} before the softmax, the input of IS
 */
public record ImageFeatures(float[][] features, float[][] logits) {}
