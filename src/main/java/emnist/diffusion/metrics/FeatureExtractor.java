package emnist.diffusion.metrics;

import emnist.diffusion.image.ImageBatch;

/**
 * A trained classifier whose features FID compares and whose logits IS uses. Scores of different
 * extractors cannot be compared.
 */
public interface FeatureExtractor {

  /** A short name for reports, such as {@code letter-classifier}. */
  String name();

  /** Length of a feature vector. */
  int dimension();

  /** Number of classes, the length of a vector of logits. */
  int classes();

  /** Features and logits of images with pixels in {@code [-1, 1]}, from one pass of the network. */
  ImageFeatures extract(ImageBatch images);
}
