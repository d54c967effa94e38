package emnist.diffusion.extras.metrics;

import emnist.diffusion.metrics.FeatureStatistics;
import emnist.diffusion.metrics.FrechetDistance;
import emnist.diffusion.metrics.InceptionScore;
import emnist.diffusion.random.CounterRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;

/**
 * Kernel inception distance between the features of real and of generated images: the squared
 * maximum mean discrepancy of random subsets, with the kernel {@code (x·y / dimension + 1)³}
 * (Binkowski et al. 2018, arXiv:1801.01401, section 4). The numbers are those of torchmetrics 1.9.
 *
 * <p>Unlike a {@link FrechetDistance} it is unbiased: around 0 for equal distributions, whatever
 * the number of images.
 */
public final class KernelInceptionDistance {

  /**
   * Mean and spread over the subsets.
   *
   * @param mean mean of the subsets' scores, lower is better
   * @param std their biased standard deviation
   * @param subsets the score of each subset
   */
  public record Score(double mean, double std, List<Double> subsets) {

    public Score {
      subsets = List.copyOf(subsets);
    }
  }

  private final int subsets;
  private final int subsetSize;
  private final List<float[]> real = new ArrayList<>();
  private final List<float[]> generated = new ArrayList<>();

  /**
   * A distance of no images yet.
   *
   * @param subsets number of subsets, at least 1; the paper uses 100
   * @param subsetSize images of each kind in a subset, at least 2; the paper uses 1000
   */
  public KernelInceptionDistance(int subsets, int subsetSize) {
    if (subsets < 1 || subsetSize < 2) {
      throw new IllegalArgumentException(
          "Expected at least 1 subset of at least 2 images, found %s of %s. Use 100 of 1000, as the paper does."
              .formatted(subsets, subsetSize));
    }
    this.subsets = subsets;
    this.subsetSize = subsetSize;
  }

  /**
   * Adds a batch of real images.
   *
   * @param features {@code (N, dimension)}
   * @throws IllegalArgumentException if a vector has another length or a value that is not finite
   */
  public void updateReal(float[][] features) {
    update(real, features);
  }

  /** Adds a batch of generated images; see {@link #updateReal}. */
  public void updateGenerated(float[][] features) {
    update(generated, features);
  }

  private void update(List<float[]> all, float[][] features) {
    if (features.length == 0) {
      return;
    }
    float[] first = !real.isEmpty() ? real.get(0) : !generated.isEmpty() ? generated.get(0) : null;
    FeatureStatistics.requireFinite(features, first == null ? features[0].length : first.length);
    Arrays.stream(features).map(float[]::clone).forEach(all::add);
  }

  /**
   * The distance, with the subsets drawn from a seed.
   *
   * @throws IllegalArgumentException with fewer real or generated images than a subset has
   */
  public Score compute(long seed) {
    requireEnough();
    int[][] realOrders = new int[subsets][];
    int[][] generatedOrders = new int[subsets][];
    for (int i = 0; i < subsets; i++) {
      CounterRandom random = new CounterRandom(seed, i);
      realOrders[i] = random.permutation(real.size());
      generatedOrders[i] = random.permutation(generated.size());
    }
    return compute(realOrders, generatedOrders);
  }

  /**
   * The distance of given subsets.
   *
   * @param realOrders for each subset a permutation of the real images, of which it has the first
   * @param generatedOrders the same of the generated images
   * @throws IllegalArgumentException with fewer real or generated images than a subset has, or if
   *     there is not a permutation for each subset
   */
  public Score compute(int[][] realOrders, int[][] generatedOrders) {
    requireEnough();
    requireOrders(realOrders, real.size());
    requireOrders(generatedOrders, generated.size());
    double[] scores =
        IntStream.range(0, subsets)
            .parallel()
            .mapToDouble(
                i ->
                    squaredDiscrepancy(
                        subset(real, realOrders[i]), subset(generated, generatedOrders[i])))
            .toArray();
    double mean = Arrays.stream(scores).average().orElseThrow();
    double squares = Arrays.stream(scores).map(score -> (score - mean) * (score - mean)).sum();
    return new Score(mean, Math.sqrt(squares / subsets), DoubleStream.of(scores).boxed().toList());
  }

  private void requireEnough() {
    if (real.size() < subsetSize || generated.size() < subsetSize) {
      throw new IllegalArgumentException(
          "Expected at least %s real and %s generated images, as many as in a subset, found %s and %s. Use more images or smaller subsets."
              .formatted(subsetSize, subsetSize, real.size(), generated.size()));
    }
  }

  private void requireOrders(int[][] orders, int images) {
    if (orders.length != subsets) {
      throw new IllegalArgumentException(
          "Expected a permutation for each of the %s subsets, found %s. Pass one per subset."
              .formatted(subsets, orders.length));
    }
    for (int[] order : orders) {
      InceptionScore.requirePermutation(order, images);
    }
  }

  private DMatrixRMaj subset(List<float[]> features, int[] order) {
    int dimension = features.get(0).length;
    DMatrixRMaj subset = new DMatrixRMaj(subsetSize, dimension);
    for (int row = 0; row < subsetSize; row++) {
      float[] vector = features.get(order[row]);
      for (int column = 0; column < dimension; column++) {
        subset.set(row, column, vector[column]);
      }
    }
    return subset;
  }

  /** The unbiased estimate, which leaves out the kernel of an image with itself. */
  private static double squaredDiscrepancy(DMatrixRMaj x, DMatrixRMaj y) {
    double size = x.getNumRows();
    return (kernelSum(x, x) + kernelSum(y, y)) / (size * (size - 1))
        - 2 * kernelSum(x, y) / (size * size);
  }

  private static double kernelSum(DMatrixRMaj x, DMatrixRMaj y) {
    DMatrixRMaj products = new DMatrixRMaj(x.getNumRows(), y.getNumRows());
    if (x == y) {
      CommonOps_DDRM.multOuter(x, products);
    } else {
      CommonOps_DDRM.multTransB(x, y, products);
    }
    double sum = 0;
    for (int i = 0; i < x.getNumRows(); i++) {
      for (int j = 0; j < y.getNumRows(); j++) {
        double base = products.get(i, j) / x.getNumCols() + 1;
        sum += x == y && i == j ? 0 : base * base * base;
      }
    }
    return sum;
  }
}
