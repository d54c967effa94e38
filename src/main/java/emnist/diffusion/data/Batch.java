package emnist.diffusion.data;

import emnist.diffusion.image.ImageBatch;

/**
 * Images with their classes.
 *
 * @param images {@code (N, 1, H, W)} in {@code [-1, 1]}
 * @param labels the class of each image, from 0 on
 */
public record Batch(ImageBatch images, int[] labels) {

  public Batch {
    if (images.n() != labels.length) {
      throw new IllegalArgumentException(
          "Expected a label for each of %d images, found %d. Pass one label per image."
              .formatted(images.n(), labels.length));
    }
  }

  /** Number of images. */
  public int size() {
    return labels.length;
  }
}
