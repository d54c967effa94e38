package emnist.diffusion.metrics;

/**
 * Computes {@code tr((S1 S2)^(1/2))} of two covariances, which takes nearly all the time of a
 * {@link FrechetDistance}.
 *
 * <p>Both are symmetric without negative eigenvalues, of full rank or not. With {@code S1 = F Fᵀ},
 * the eigenvalues of {@code S1 S2} are those of the symmetric {@code Fᵀ S2 F}, so they are real and
 * the trace is the sum of their square roots. Rounding leaves eigenvalues that should be 0 slightly
 * below, so negative ones count as 0.
 */
@FunctionalInterface
public interface TraceSqrtm {

  /**
   * The trace.
   *
   * @param s1 {@code dimension * dimension} values, row by row
   * @param s2 the same of the other covariance
   */
  double of(double[] s1, double[] s2, int dimension);
}
