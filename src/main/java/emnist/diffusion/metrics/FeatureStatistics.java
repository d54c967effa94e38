package emnist.diffusion.metrics;

import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;

/**
 * Mean and covariance of feature vectors, updated batch by batch in double precision (Chan et al.
 * 1979, pairwise update).
 */
public final class FeatureStatistics {

  private final int dimension;
  private final DMatrixRMaj mean;
  private final DMatrixRMaj scatter;
  private long samples;

  /** Statistics of no vectors yet. */
  public FeatureStatistics(int dimension) {
    if (dimension < 1) {
      throw new IllegalArgumentException(
          "Expected a dimension of at least 1, found %d. Pass the length of a feature vector."
              .formatted(dimension));
    }
    this.dimension = dimension;
    this.mean = new DMatrixRMaj(1, dimension);
    this.scatter = new DMatrixRMaj(dimension, dimension);
  }

  /** Statistics of one batch; see {@link #update}. */
  public static FeatureStatistics of(float[][] features, int dimension) {
    FeatureStatistics statistics = new FeatureStatistics(dimension);
    statistics.update(features);
    return statistics;
  }

  /** Stored statistics of {@code samples} vectors; mean and {@link #scatter} are not copied. */
  public FeatureStatistics(long samples, double[] mean, double[] scatter) {
    this.dimension = mean.length;
    this.mean = DMatrixRMaj.wrap(1, dimension, mean);
    this.scatter = DMatrixRMaj.wrap(dimension, dimension, scatter);
    this.samples = samples;
  }

  /**
   * Adds a batch.
   *
   * @param features {@code (N, dimension)}
   * @throws IllegalArgumentException if a vector has another length or a value that is not finite
   */
  public void update(float[][] features) {
    if (features.length == 0) {
      return;
    }
    requireFinite(features, dimension);
    DMatrixRMaj batch = new DMatrixRMaj(features.length, dimension);
    for (int row = 0; row < features.length; row++) {
      for (int column = 0; column < dimension; column++) {
        batch.set(row, column, features[row][column]);
      }
    }
    DMatrixRMaj batchMean = new DMatrixRMaj(1, dimension);
    CommonOps_DDRM.sumCols(batch, batchMean);
    CommonOps_DDRM.divide(batchMean, features.length);
    for (int row = 0; row < features.length; row++) {
      for (int column = 0; column < dimension; column++) {
        batch.add(row, column, -batchMean.get(column));
      }
    }
    CommonOps_DDRM.multAddTransA(batch, batch, scatter);
    moveTowards(batchMean, features.length);
  }

  /**
   * Adds the vectors of other statistics, which are not changed.
   *
   * @throws IllegalArgumentException if their vectors have another length
   */
  public void merge(FeatureStatistics other) {
    if (other.dimension != dimension) {
      throw new IllegalArgumentException(
          "Expected statistics of feature vectors of length %d, found %d. Use one extractor for all images."
              .formatted(dimension, other.dimension));
    }
    if (other.samples > 0) {
      CommonOps_DDRM.addEquals(scatter, other.scatter);
      moveTowards(other.mean, other.samples);
    }
  }

  /** Moves the mean; the scatter of the added vectors around their own mean is already in. */
  private void moveTowards(DMatrixRMaj otherMean, long otherSamples) {
    long total = samples + otherSamples;
    DMatrixRMaj shift = new DMatrixRMaj(1, dimension);
    CommonOps_DDRM.subtract(otherMean, mean, shift);
    double weight = (double) samples * otherSamples / total;
    CommonOps_DDRM.multAddTransA(weight, shift, shift, scatter);
    CommonOps_DDRM.addEquals(mean, (double) otherSamples / total, shift);
    samples = total;
  }

  /** Number of vectors so far. */
  public long samples() {
    return samples;
  }

  /** Length of a vector. */
  public int dimension() {
    return dimension;
  }

  /** Mean vector. */
  public double[] mean() {
    return mean.data.clone();
  }

  /** Unbiased covariance, row by row; of fewer than two, an {@link IllegalStateException}. */
  public double[] covariance() {
    if (samples < 2) {
      throw new IllegalStateException(
          "Expected at least 2 samples for a covariance, found %d. Add more images."
              .formatted(samples));
    }
    DMatrixRMaj covariance = new DMatrixRMaj(dimension, dimension);
    CommonOps_DDRM.divide(scatter, samples - 1.0, covariance);
    return covariance.data;
  }

  /** Sum of {@code (x - mean)(x - mean)^T} over all vectors, row by row; not a copy. */
  public double[] scatter() {
    return scatter.data;
  }

  /** Refuses vectors of another length, and values that are not finite, naming the row. */
  public static void requireFinite(float[][] features, int dimension) {
    for (int row = 0; row < features.length; row++) {
      if (features[row].length != dimension) {
        throw new IllegalArgumentException(
            "Expected feature vectors of length %d, found %d in row %d. Use one extractor for all images."
                .formatted(dimension, features[row].length, row));
      }
      for (float value : features[row]) {
        if (!Float.isFinite(value)) {
          throw new IllegalArgumentException(
              "Expected finite features, found %s in row %d. Check that the images are finite; training may have diverged."
                  .formatted(value, row));
        }
      }
    }
  }
}
