package emnist.diffusion.extras.torch;

import ai.djl.ndarray.NDArray;
import emnist.diffusion.torch.TorchFunction;

/** Pools of {@code (N, C, H, W)}. */
public final class Pooling {

  private static final TorchFunction AVERAGE_3X3 =
      pool("torch.avg_pool2d(x, [3, 3], [1, 1], [1, 1], False, False, None)");
  private static final TorchFunction GLOBAL_AVERAGE = pool("torch.adaptive_avg_pool2d(x, [1, 1])");

  private Pooling() {}

  /**
   * Maximum of 3x3 windows.
   *
   * @param stride pixels from one window to the next
   * @param padding pixels of a window that may lie beyond an edge, 0 or 1
   * @return a function of x
   */
  public static TorchFunction max3x3(int stride, int padding) {
    return pool(
        "torch.max_pool2d(x, [3, 3], [%s, %s], [%s, %s], [1, 1], False)"
            .formatted(stride, stride, padding, padding));
  }

  /** Mean of the 3x3 window around each pixel; what lies beyond the edges is not counted. */
  public static NDArray average3x3(NDArray x) {
    return AVERAGE_3X3.apply(x);
  }

  /** Mean of every channel, {@code (N, C, 1, 1)}. */
  public static NDArray globalAverage(NDArray x) {
    return GLOBAL_AVERAGE.apply(x);
  }

  private static TorchFunction pool(String expression) {
    return TorchFunction.of("x", "return " + expression);
  }
}
