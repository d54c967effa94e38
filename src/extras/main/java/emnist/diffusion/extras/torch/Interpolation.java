package emnist.diffusion.extras.torch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import emnist.diffusion.torch.Functional;
import emnist.diffusion.torch.TorchFunction;

/** The two bilinear resizes of float32 {@code (N, C, H, W)} that Inception networks use. */
public final class Interpolation {

  private static final TorchFunction ROWS = between(2);
  private static final TorchFunction COLUMNS = between(3);

  private Interpolation() {}

  /**
   * {@code torch.nn.functional.interpolate(mode="bilinear", antialias=True)}: pixels have their
   * centres at halves, and all pixels of a shrunk image count.
   */
  public static NDArray antialiased(NDArray x, int height, int width) {
    return TorchFunction.of(
            "x",
            "return torch._upsample_bilinear2d_aa(x, [%s, %s], False)".formatted(height, width))
        .apply(x);
  }

  /**
   * {@code tf.image.resize_bilinear} of TensorFlow 1: the grids of both images start in their upper
   * left corner, so an enlarged image moves there and a shrunk one skips pixels.
   */
  public static NDArray tensorFlow1(NDArray x, int height, int width) {
    return Functional.consume(
        along(COLUMNS, x, x.getShape().get(3), width, new Shape(width)),
        wide -> along(ROWS, wide, x.getShape().get(2), height, new Shape(height, 1)));
  }

  private static NDArray along(
      TorchFunction axis, NDArray x, long from, int to, Shape fractionShape) {
    // In float32, as TensorFlow computes it: the last digit decides which pixels are mixed.
    float scale = (float) from / to;
    long[] low = new long[to];
    long[] high = new long[to];
    float[] fraction = new float[to];
    for (int i = 0; i < to; i++) {
      float source = i * scale;
      low[i] = (long) source;
      high[i] = Math.min(low[i] + 1, from - 1);
      fraction[i] = source - low[i];
    }
    try (NDManager manager = x.getManager().newSubManager()) {
      return axis.apply(
          x, manager.create(low), manager.create(high), manager.create(fraction, fractionShape));
    }
  }

  private static TorchFunction between(int axis) {
    return TorchFunction.of(
        "x, low, high, fraction",
        "a = torch.index_select(x, %s, low)".formatted(axis),
        "b = torch.index_select(x, %s, high)".formatted(axis),
        "return torch.add(a, torch.mul(torch.sub(b, a), fraction))");
  }
}
