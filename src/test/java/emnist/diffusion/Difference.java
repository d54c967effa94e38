package emnist.diffusion;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import java.util.stream.DoubleStream;

/**
 * How far numbers are from the reference's.
 *
 * @param worst place of the largest difference
 * @param largest the largest difference, NaN where there is one
 * @param scale the largest magnitude of the reference
 */
public record Difference(int worst, double largest, double scale) {

  /** Compares arrays, which must have one shape. */
  public static Difference between(NDArray actual, NDArray expected) {
    assertThat(actual.getShape()).isEqualTo(expected.getShape());
    return between(Golden.widened(actual.toFloatArray()), Golden.widened(expected.toFloatArray()));
  }

  /** Compares as many numbers with as many. */
  public static Difference between(double[] actual, double[] expected) {
    int worst = 0;
    double largest = -1;
    for (int i = 0; i < expected.length && !Double.isNaN(largest); i++) {
      double difference = Math.abs(actual[i] - expected[i]);
      if (Double.isNaN(difference) || difference > largest) {
        worst = i;
        largest = difference;
      }
    }
    double scale = DoubleStream.of(expected).map(Math::abs).max().orElse(0);
    return new Difference(worst, largest, scale);
  }

  /** The larger difference of two arrays, and the larger magnitude. */
  public Difference merge(Difference other) {
    boolean isWorse = Double.isNaN(other.largest) || other.largest > largest;
    Difference worse = isWorse ? other : this;
    return new Difference(worse.worst, worse.largest, Math.max(scale, other.scale));
  }

  /** The largest difference as a part of the largest magnitude. */
  public double relative() {
    return largest / scale;
  }
}
