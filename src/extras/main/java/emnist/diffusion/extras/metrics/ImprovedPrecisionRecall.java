package emnist.diffusion.extras.metrics;

import emnist.diffusion.metrics.FeatureStatistics;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Improved precision and recall of generated images (Kynkäänniemi et al. 2019, arXiv:1904.06991,
 * equations 1 and 2). Both rise with the number of images, so compare sets of equal size, and
 * beside two sets of real images.
 *
 * @param precision the share of generated images within the manifold of the real ones
 * @param recall the share of real images within the manifold of the generated ones
 */
public record ImprovedPrecisionRecall(double precision, double recall) {

  /** The paper's neighbourhood size. */
  public static final int NEIGHBOURHOOD = 3;

  /**
   * Estimates both from features.
   *
   * @param real {@code (N, dimension)}
   * @param generated {@code (M, dimension)}
   * @param k neighbourhood size, usually {@value #NEIGHBOURHOOD}
   * @throws IllegalArgumentException if a set has no more than {@code k} images, or a vector has
   *     another length or a value that is not finite
   */
  public static ImprovedPrecisionRecall of(float[][] real, float[][] generated, int k) {
    if (k < 1 || Math.min(real.length, generated.length) <= k) {
      throw new IllegalArgumentException(
          "Expected a neighbourhood of at least 1 image and more images of both kinds, found %s, %s real and %s generated ones. Use more images."
              .formatted(k, real.length, generated.length));
    }
    FeatureStatistics.requireFinite(real, real[0].length);
    FeatureStatistics.requireFinite(generated, real[0].length);
    return new ImprovedPrecisionRecall(share(generated, real, k), share(real, generated, k));
  }

  /** The mean of {@code f(φ, Φ)} over the features φ. */
  private static double share(float[][] features, float[][] manifold, int k) {
    double[] radii = radii(manifold, k);
    long inside =
        Arrays.stream(features).parallel().filter(phi -> isInside(phi, manifold, radii)).count();
    return (double) inside / features.length;
  }

  /** {@code f(φ, Φ)}: whether φ is as near to some φ' as the k-th nearest neighbour of φ' in Φ. */
  private static boolean isInside(float[] phi, float[][] manifold, double[] radii) {
    return IntStream.range(0, manifold.length)
        .anyMatch(i -> NearestNeighbours.distance(phi, manifold[i]) <= radii[i]);
  }

  /** The distance of each feature to its k-th nearest neighbour in Φ; its 0th is itself. */
  private static double[] radii(float[][] manifold, int k) {
    return NearestNeighbours.of(manifold, manifold, k + 1).stream()
        .mapToDouble(neighbours -> neighbours.get(k).distance())
        .toArray();
  }
}
