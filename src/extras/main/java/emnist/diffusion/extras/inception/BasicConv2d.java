package emnist.diffusion.extras.inception;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import emnist.diffusion.torch.TorchFunction;

/**
 * Convolution, batch normalisation with fixed statistics, and ReLU.
 *
 * <p>With fixed statistics the normalisation is linear, so it is folded into the convolution once:
 * {@code w' = w s} and {@code b' = b - m s} with {@code s = g / sqrt(v + eps)}.
 */
final class BasicConv2d implements InceptionLayer {

  private static final float EPS = 0.001f;

  private final NDArray weight;
  private final NDArray bias;
  private final TorchFunction function;

  private BasicConv2d(
      InceptionWeights weights, int stride, int padHeight, int padWidth, Shape shape) {
    NDArray kernel = weights.take("conv.weight", shape.getShape());
    long channels = shape.get(0);
    InceptionWeights norm = weights.child("bn");
    NDArray scale = norm.take("weight", channels);
    NDArray shift = norm.take("bias", channels);
    NDArray mean = norm.take("running_mean", channels);
    try (NDArray deviation = norm.take("running_var", channels).add(EPS).sqrt();
        NDArray factor = scale.div(deviation);
        NDArray moved = mean.mul(factor)) {
      this.weight = weights.keep(kernel.mul(factor.reshape(-1, 1, 1, 1)));
      this.bias = weights.keep(shift.sub(moved));
    }
    this.function =
        TorchFunction.of(
            "x, w, b",
            "h = torch.conv2d(x, w, b, [%s, %s], [%s, %s], [1, 1], 1)"
                .formatted(stride, stride, padHeight, padWidth),
            "return torch.relu_(h)");
  }

  /** A kernel of odd sides that keeps height and width. */
  static BasicConv2d same(
      InceptionWeights weights, int inChannels, int outChannels, int height, int width) {
    Shape shape = new Shape(outChannels, inChannels, height, width);
    return new BasicConv2d(weights, 1, height / 2, width / 2, shape);
  }

  /** A 3x3 kernel that stays within the image. */
  static BasicConv2d valid3x3(
      InceptionWeights weights, int inChannels, int outChannels, int stride) {
    return new BasicConv2d(weights, stride, 0, 0, new Shape(outChannels, inChannels, 3, 3));
  }

  @Override
  public NDArray forward(NDArray x) {
    return function.apply(x, weight, bias);
  }
}
