package emnist.diffusion.extras.quality;

import emnist.diffusion.extras.metrics.NearestNeighbours.Neighbour;
import java.util.List;

/**
 * What was measured on generated images, and the same on real ones.
 *
 * @param readAsAsked share that the classifier reads as the class asked for; of the test images, as
 *     their class
 * @param readByClass the same for each class
 * @param distance Fréchet classifier distance from the test images; of as many training images,
 *     equally many of each class, some repeated where a class has too few
 * @param floor the distance that as many other real images are expected to have
 * @param spread mean over the classes of the variance of the features, in those of the test images;
 *     of the training images of {@code distance}
 * @param manifoldImages number of images in each set of precision and recall
 * @param precision share of the generated images within the manifold of training images; of other
 *     training images
 * @param recall share of those training images within the manifold of the generated ones; of the
 *     others
 * @param memorisation how near they come to the training images
 */
record Quality(
    Comparison readAsAsked,
    List<Comparison> readByClass,
    Comparison distance,
    double floor,
    Comparison spread,
    int manifoldImages,
    Comparison precision,
    Comparison recall,
    Memorisation memorisation) {

  /** A measure of generated and of real images. */
  record Comparison(Estimate generated, Estimate real) {}

  /**
   * Distances in pixels from the nearest training image, Euclidean over all pixels in [-1, 1].
   *
   * @param median of the generated images
   * @param testMedian of the test images
   * @param limit the first percentile of the test images
   * @param tooNear share of images that are nearer than the limit
   * @param nearest for each generated image the two nearest training images
   */
  record Memorisation(
      double median,
      double testMedian,
      double limit,
      Comparison tooNear,
      List<List<Neighbour>> nearest) {}
}
