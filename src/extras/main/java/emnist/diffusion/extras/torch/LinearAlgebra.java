package emnist.diffusion.extras.torch;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import emnist.diffusion.metrics.FeatureStatistics;
import emnist.diffusion.metrics.FrechetDistance;
import emnist.diffusion.torch.Autograd;
import emnist.diffusion.torch.TorchFunction;

/** Linear algebra in float64 on the CPU, by LAPACK. */
public final class LinearAlgebra {

  private static final TorchFunction TRACE_SQRTM =
      TorchFunction.of(
          "a, b",
          "values, vectors = torch.linalg_eigh(a)",
          "factor = torch.mul(vectors, torch.sqrt(torch.clamp_min(values, 0)))",
          "product = torch.matmul(torch.matmul(torch.t(factor), b), factor)",
          "return torch.sum(torch.sqrt(torch.clamp_min(torch.linalg_eigvalsh(product), 0)))");

  private LinearAlgebra() {}

  /**
   * As {@link FrechetDistance#between(FeatureStatistics, FeatureStatistics)}: about 2 s at 2048
   * dimensions.
   */
  public static double frechetDistance(FeatureStatistics real, FeatureStatistics generated) {
    return FrechetDistance.between(
        real, generated, (s1, s2) -> traceSqrtm(s1, s2, real.dimension()));
  }

  /**
   * {@code tr((A B)^(1/2))} of two symmetric matrices without negative eigenvalues.
   *
   * @param a {@code dimension * dimension} values, row by row
   * @param b the same of the other matrix
   */
  public static double traceSqrtm(double[] a, double[] b, int dimension) {
    Shape square = new Shape(dimension, dimension);
    try (NDManager manager = NDManager.newBaseManager(Device.cpu())) {
      NDArray first = manager.create(a, square);
      NDArray second = manager.create(b, square);
      return Autograd.noGrad(() -> TRACE_SQRTM.apply(first, second)).getDouble();
    }
  }
}
