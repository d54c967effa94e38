package emnist.diffusion.torch;

import ai.djl.ndarray.NDArray;
import java.util.Arrays;

/** The rows of a matrix on the host. */
public final class Rows {

  private Rows() {}

  /**
   * Copies the rows of a matrix.
   *
   * @param matrix float32 {@code (N, D)}
   * @param rows where to put them
   * @param first the place of the first
   */
  public static void copy(NDArray matrix, float[][] rows, int first) {
    float[] values = matrix.toFloatArray();
    int length = Math.toIntExact(matrix.getShape().get(1));
    for (int row = 0; row * length < values.length; row++) {
      rows[first + row] = Arrays.copyOfRange(values, row * length, (row + 1) * length);
    }
  }
}
