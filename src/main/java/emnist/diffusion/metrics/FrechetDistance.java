package emnist.diffusion.metrics;

import java.util.List;
import java.util.function.ToDoubleBiFunction;
import java.util.stream.IntStream;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.interfaces.decomposition.EigenDecomposition_F64;

/**
 * Fréchet distance between the features of real and of generated images, each taken as a normal
 * distribution (Heusel et al. 2017, FID): {@code |m1 - m2|^2 + tr(S1 + S2 - 2 (S1 S2)^(1/2))}. The
 * numbers are those of torchmetrics 1.9. About 0 for equal distributions, where rounding may leave
 * it slightly below.
 *
 * <p>In the features of the Inception network it is FID; in those of a letter classifier, it is the
 * Fréchet classifier distance.
 */
public final class FrechetDistance {

  /** Number of draws whose mean distance is a floor. */
  public static final int FLOOR_DRAWS = 10;

  private FrechetDistance() {}

  /**
   * The distance, the same in both directions: instant at the 64 dimensions of the letter
   * classifier, half a minute at the 2048 of the Inception network.
   *
   * @throws IllegalArgumentException with fewer than two samples on either side, or if the features
   *     have different lengths
   */
  public static double between(FeatureStatistics real, FeatureStatistics generated) {
    return between(real, generated, (s1, s2) -> traceSqrtm(s1, s2, real.dimension()));
  }

  /**
   * As {@link #between(FeatureStatistics, FeatureStatistics)}, with another implementation of what
   * takes nearly all the time.
   *
   * @param traceSqrtm {@code tr((S1 S2)^(1/2))} of two covariances, given row by row
   */
  public static double between(
      FeatureStatistics real,
      FeatureStatistics generated,
      ToDoubleBiFunction<double[], double[]> traceSqrtm) {
    if (real.samples() < 2 || generated.samples() < 2) {
      throw new IllegalArgumentException(
          "Expected at least 2 real and 2 generated images, found %s and %s. Use thousands, because FID falls as they grow."
              .formatted(real.samples(), generated.samples()));
    }
    int dimension = real.dimension();
    if (generated.dimension() != dimension) {
      throw new IllegalArgumentException(
          "Expected features of equal length, found %s for real and %s for generated images. Use one extractor for both."
              .formatted(dimension, generated.dimension()));
    }
    double[] s1 = real.covariance();
    double[] s2 = generated.covariance();
    double distance = -2 * traceSqrtm.applyAsDouble(s1, s2);
    for (int i = 0; i < dimension; i++) {
      double difference = real.mean()[i] - generated.mean()[i];
      int diagonal = i * dimension + i;
      distance += difference * difference + s1[diagonal] + s2[diagonal];
    }
    return distance;
  }

  /**
   * What a perfect generator would score: the mean distance of bootstrap samples of the real images
   * from all of them.
   *
   * <p>A distance is biased upwards, the more the fewer the images (Chong and Forsyth 2020,
   * arXiv:1911.07023); what exceeds its floor is due to the generator. Draw as the generator does:
   * if it generates equally many images of each class, so must each draw.
   *
   * @param realFeatures {@code (N, dimension)} of at least two real images
   * @param draws indices of real images, as many as images are generated, drawn with replacement; a
   *     single draw's distance varies by up to half of the mean if the features are correlated, so
   *     use {@value #FLOOR_DRAWS}
   * @throws IllegalArgumentException with fewer than two real images, or images in a draw
   */
  public static double floor(float[][] realFeatures, List<int[]> draws) {
    int real = realFeatures.length;
    if (draws.isEmpty()
        || !draws.stream().flatMapToInt(IntStream::of).allMatch(i -> i >= 0 && i < real)) {
      throw new IllegalArgumentException(
          "Expected draws of indices below %s, found others or none. Draw from the real images."
              .formatted(real));
    }
    int dimension = realFeatures[0].length;
    FeatureStatistics all = FeatureStatistics.of(realFeatures, dimension);
    return draws.stream()
        .map(draw -> IntStream.of(draw).mapToObj(i -> realFeatures[i]).toArray(float[][]::new))
        .mapToDouble(drawn -> between(all, FeatureStatistics.of(drawn, dimension)))
        .average()
        .orElseThrow();
  }

  /**
   * With {@code S1 = F Fᵀ}, the eigenvalues of {@code S1 S2} are those of the symmetric {@code Fᵀ
   * S2 F}, so they are real and the trace is the sum of their square roots.
   */
  private static double traceSqrtm(double[] s1, double[] s2, int dimension) {
    DMatrixRMaj factor = transposedFactor(DMatrixRMaj.wrap(dimension, dimension, s1));
    DMatrixRMaj half = new DMatrixRMaj(dimension, dimension);
    DMatrixRMaj product = new DMatrixRMaj(dimension, dimension);
    CommonOps_DDRM.mult(factor, DMatrixRMaj.wrap(dimension, dimension, s2), half);
    CommonOps_DDRM.multTransB(half, factor, product);
    var eigen = decompose(product, false);
    double trace = 0;
    for (int i = 0; i < dimension; i++) {
      trace += rootOfEigenvalue(eigen, i);
    }
    return trace;
  }

  /** {@code Fᵀ} with {@code F Fᵀ = S}: eigenvectors in the rows, scaled by their roots. */
  private static DMatrixRMaj transposedFactor(DMatrixRMaj symmetric) {
    int dimension = symmetric.getNumRows();
    var eigen = decompose(symmetric, true);
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
    var eigen = DecompositionFactory_DDRM.eig(symmetric.getNumRows(), vectors, true);
    // The decomposition may write into its input.
    if (!eigen.decompose(symmetric.copy())) {
      throw new ArithmeticException(
          "Expected eigenvalues of a covariance, found none within the iterations allowed. Compare more images.");
    }
    return eigen;
  }

  /** Rounding leaves eigenvalues that should be 0 slightly below, so negative ones count as 0. */
  private static double rootOfEigenvalue(EigenDecomposition_F64<DMatrixRMaj> eigen, int i) {
    return Math.sqrt(Math.max(0, eigen.getEigenvalue(i).real));
  }
}
