package emnist.diffusion.metrics;

import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.interfaces.decomposition.EigenDecomposition_F64;

/**
 * {@link TraceSqrtm} in pure Java: instant at the 64 dimensions of the letter classifier, half a
 * minute at the 2048 of the Inception network.
 */
final class EjmlTraceSqrtm {

  private EjmlTraceSqrtm() {}

  static double of(double[] s1, double[] s2, int dimension) {
    DMatrixRMaj factor = transposedFactor(DMatrixRMaj.wrap(dimension, dimension, s1));
    DMatrixRMaj half = new DMatrixRMaj(dimension, dimension);
    DMatrixRMaj product = new DMatrixRMaj(dimension, dimension);
    CommonOps_DDRM.mult(factor, DMatrixRMaj.wrap(dimension, dimension, s2), half);
    CommonOps_DDRM.multTransB(half, factor, product);
    EigenDecomposition_F64<DMatrixRMaj> eigen = decompose(product, false);
    double trace = 0;
    for (int i = 0; i < dimension; i++) {
      trace += rootOfEigenvalue(eigen, i);
    }
    return trace;
  }

  /** {@code Fᵀ} with {@code F Fᵀ = S}: eigenvectors in the rows, scaled by their roots. */
  private static DMatrixRMaj transposedFactor(DMatrixRMaj symmetric) {
    int dimension = symmetric.getNumRows();
    EigenDecomposition_F64<DMatrixRMaj> eigen = decompose(symmetric, true);
    DMatrixRMaj factor = new DMatrixRMaj(dimension, dimension);
    for (int i = 0; i < dimension; i++) {
      double scale = rootOfEigenvalue(eigen, i);
      for (int j = 0; j < dimension; j++) {
        factor.set(i, j, scale * eigen.getEigenVector(i).get(j));
      }
    }
    return factor;
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

  private static double rootOfEigenvalue(EigenDecomposition_F64<DMatrixRMaj> eigen, int i) {
    return Math.sqrt(Math.max(0, eigen.getEigenvalue(i).real));
  }
}
