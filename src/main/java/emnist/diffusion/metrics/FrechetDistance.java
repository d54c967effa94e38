package emnist.diffusion.metrics;

import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.interfaces.decomposition.EigenDecomposition_F64;

/**
 * Frechet distance between the features of real and of generated images, each taken for a normal
 * distribution (Heusel et al. 2017, FID): {@code |m1 - m2|^2 + tr(S1 + S2 - 2 (S1 S2)^(1/2))}. The
 * numbers are those of torchmetrics 1.9. About 0 for equal distributions, where rounding may leave
 * it slightly below.
 */
public final class FrechetDistance {

  private FrechetDistance() {}

  /**
   * The distance, the same in both directions.
   *
   * @throws IllegalArgumentException with fewer than two samples on either side, or if the features
   *     have different lengths
   */
  public static double between(FeatureStatistics real, FeatureStatistics generated) {
    if (real.samples() < 2 || generated.samples() < 2) {
      throw new IllegalArgumentException(
          "Expected at least 2 real and 2 generated images, found %d and %d. Take thousands, for FID falls as they grow."
              .formatted(real.samples(), generated.samples()));
    }
    int dimension = real.dimension();
    if (generated.dimension() != dimension) {
      throw new IllegalArgumentException(
          "Expected features of equal length, found %d for real and %d for generated images. Use one extractor for both."
              .formatted(dimension, generated.dimension()));
    }
    double[] realMean = real.mean();
    double[] generatedMean = generated.mean();
    double meanDistance = 0;
    for (int i = 0; i < dimension; i++) {
      double difference = realMean[i] - generatedMean[i];
      meanDistance += difference * difference;
    }
    DMatrixRMaj s1 = DMatrixRMaj.wrap(dimension, dimension, real.covariance());
    DMatrixRMaj s2 = DMatrixRMaj.wrap(dimension, dimension, generated.covariance());
    return meanDistance
        + CommonOps_DDRM.trace(s1)
        + CommonOps_DDRM.trace(s2)
        - 2 * traceOfRootOfProduct(s1, s2);
  }

  /**
   * {@code tr((S1 S2)^(1/2))} from the eigenvalues of {@code S1^(1/2) S2 S1^(1/2)}, which are those
   * of {@code S1 S2}. That matrix is symmetric, so they are real even where the covariances have no
   * full rank.
   */
  private static double traceOfRootOfProduct(DMatrixRMaj s1, DMatrixRMaj s2) {
    int dimension = s1.getNumRows();
    DMatrixRMaj root = root(s1);
    DMatrixRMaj half = new DMatrixRMaj(dimension, dimension);
    DMatrixRMaj product = new DMatrixRMaj(dimension, dimension);
    CommonOps_DDRM.mult(root, s2, half);
    CommonOps_DDRM.mult(half, root, product);
    EigenDecomposition_F64<DMatrixRMaj> eigen = decompose(product, false);
    double trace = 0;
    for (int i = 0; i < dimension; i++) {
      trace += rootOfEigenvalue(eigen, i);
    }
    return trace;
  }

  private static DMatrixRMaj root(DMatrixRMaj symmetric) {
    int dimension = symmetric.getNumRows();
    EigenDecomposition_F64<DMatrixRMaj> eigen = decompose(symmetric, true);
    DMatrixRMaj scaledVectors = new DMatrixRMaj(dimension, dimension);
    for (int i = 0; i < dimension; i++) {
      double scale = Math.sqrt(rootOfEigenvalue(eigen, i));
      for (int j = 0; j < dimension; j++) {
        scaledVectors.set(i, j, scale * eigen.getEigenVector(i).get(j));
      }
    }
    DMatrixRMaj root = new DMatrixRMaj(dimension, dimension);
    CommonOps_DDRM.multTransA(scaledVectors, scaledVectors, root);
    return root;
  }

  private static EigenDecomposition_F64<DMatrixRMaj> decompose(
      DMatrixRMaj symmetric, boolean vectors) {
    EigenDecomposition_F64<DMatrixRMaj> eigen =
        DecompositionFactory_DDRM.eig(symmetric.getNumRows(), vectors, true);
    // The decomposition may write into its input.
    if (!eigen.decompose(symmetric.copy())) {
      throw new ArithmeticException(
          "Expected eigenvalues of a covariance, found none within the iterations allowed. Compare more images.");
    }
    return eigen;
  }

  /** Rounding leaves eigenvalues that should be 0 slightly below. */
  private static double rootOfEigenvalue(EigenDecomposition_F64<DMatrixRMaj> eigen, int i) {
    return Math.sqrt(Math.max(0, eigen.getEigenvalue(i).real));
  }
}
