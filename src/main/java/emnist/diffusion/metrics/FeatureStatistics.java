package emnist.diffusion.metrics;

import java.util.Arrays;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;

/**
 * Mean and scatter of feature vectors, in double precision.
 *
 * @param samples number of vectors
 * @param mean {@code (D)}; not copied
 * @param scatter sum of {@code (x - mean)(x - mean)^T} over all vectors, {@code (D, D)} row by row;
 *     not copied
 */
public record FeatureStatistics(long samples, double[] mean, double[] scatter) {

  /**
   * Statistics of vectors {@code (N, dimension)}, at least one.
   *
   * @throws IllegalArgumentException if a vector has another length or a value that is not finite
   */
  public static FeatureStatistics of(float[][] features, int dimension) {
    requireFinite(features, dimension);
    DMatrixRMaj vectors = new DMatrixRMaj(features.length, dimension);
    for (int row = 0; row < features.length; row++) {
      for (int column = 0; column < dimension; column++) {
        vectors.set(row, column, features[row][column]);
      }
    }
    DMatrixRMaj mean = new DMatrixRMaj(1, dimension);
    CommonOps_DDRM.sumCols(vectors, mean);
    CommonOps_DDRM.divide(mean, features.length);
    for (int row = 0; row < features.length; row++) {
      for (int column = 0; column < dimension; column++) {
        vectors.add(row, column, -mean.get(column));
      }
    }
    DMatrixRMaj scatter = new DMatrixRMaj(dimension, dimension);
    CommonOps_DDRM.multAddTransA(vectors, vectors, scatter);
    return new FeatureStatistics(features.length, mean.data, scatter.data);
  }

  public int dimension() {
    return mean.length;
  }

  /** Unbiased covariance, row by row; of fewer than two, an {@link IllegalStateException}. */
  public double[] covariance() {
    if (samples < 2) {
      throw new IllegalStateException(
          "Expected at least 2 samples for a covariance, found %s. Add more images."
              .formatted(samples));
    }
    return Arrays.stream(scatter).map(sum -> sum / (samples - 1.0)).toArray();
  }

  /** Refuses vectors of another length, and values that are not finite, naming the row. */
  public static void requireFinite(float[][] features, int dimension) {
    for (int row = 0; row < features.length; row++) {
      if (features[row].length != dimension) {
        throw new IllegalArgumentException(
            "Expected feature vectors of length %s, found %s in row %s. Use one extractor for all images."
                .formatted(dimension, features[row].length, row));
      }
      for (float value : features[row]) {
        if (!Float.isFinite(value)) {
          throw new IllegalArgumentException(
              "Expected finite features, found %s in row %s. Check that the images are finite; training may have diverged."
                  .formatted(value, row));
        }
      }
    }
  }
}
