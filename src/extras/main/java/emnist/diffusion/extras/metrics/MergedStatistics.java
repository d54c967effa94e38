package emnist.diffusion.extras.metrics;

import emnist.diffusion.metrics.FeatureStatistics;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;

/** Statistics of feature vectors that come in parts (Chan et al. 1979, pairwise update). */
public final class MergedStatistics {

  private MergedStatistics() {}

  /** Statistics of no vectors yet. */
  public static FeatureStatistics none(int dimension) {
    return new FeatureStatistics(0, new double[dimension], new double[dimension * dimension]);
  }

  /**
   * Statistics of the vectors of both.
   *
   * @throws IllegalArgumentException if their vectors differ in length
   */
  public static FeatureStatistics of(FeatureStatistics one, FeatureStatistics other) {
    int dimension = one.dimension();
    if (other.dimension() != dimension) {
      throw new IllegalArgumentException(
          "Expected statistics of feature vectors of length %s, found %s. Use one extractor for all images."
              .formatted(dimension, other.dimension()));
    }
    if (one.samples() == 0 || other.samples() == 0) {
      return one.samples() == 0 ? other : one;
    }
    long total = one.samples() + other.samples();
    DMatrixRMaj mean = DMatrixRMaj.wrap(1, dimension, one.mean().clone());
    DMatrixRMaj scatter = DMatrixRMaj.wrap(dimension, dimension, one.scatter().clone());
    DMatrixRMaj shift = new DMatrixRMaj(1, dimension);
    CommonOps_DDRM.subtract(DMatrixRMaj.wrap(1, dimension, other.mean()), mean, shift);
    CommonOps_DDRM.addEquals(scatter, DMatrixRMaj.wrap(dimension, dimension, other.scatter()));
    double weight = (double) one.samples() * other.samples() / total;
    CommonOps_DDRM.multAddTransA(weight, shift, shift, scatter);
    CommonOps_DDRM.addEquals(mean, (double) other.samples() / total, shift);
    return new FeatureStatistics(total, mean.data, scatter.data);
  }
}
