package emnist.diffusion.scheduler;

import ai.djl.ndarray.NDArray;
import emnist.diffusion.Golden;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/** The network that the reference chains were computed with. */
final class ToyNetwork {

  private ToyNetwork() {}

  static NDArray forward(NDArray sample, int t) {
    return sample.mul(0.3f).add((float) (0.01 * t / 1000));
  }

  /**
   * Asserts that every element is within {@code tolerance}, relative to the largest where that is
   * above 1: unclipped chains of this network reach thousands, where a float32 has no 1e-5.
   */
  static void assertClose(String what, NDArray actual, NDArray expected, double tolerance) {
    double[] wanted = widened(expected);
    double largest = DoubleStream.of(wanted).map(Math::abs).max().orElse(0);
    Golden.assertClose(what, widened(actual), wanted, tolerance * Math.max(1, largest));
  }

  private static double[] widened(NDArray array) {
    float[] values = array.toFloatArray();
    return IntStream.range(0, values.length).mapToDouble(i -> values[i]).toArray();
  }
}
