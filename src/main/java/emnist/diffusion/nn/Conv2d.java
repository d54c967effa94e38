package emnist.diffusion.nn;

import ai.djl.ndarray.NDArray;
import emnist.diffusion.torch.Autocast;
import emnist.diffusion.torch.ConvolutionCheck;
import emnist.diffusion.torch.Functional;
import emnist.diffusion.torch.TorchFunction;

/** 2-d convolution of {@code (N, C, H, W)} with a square kernel: {@code torch.nn.Conv2d}. */
public final class Conv2d {

  private final NDArray weight;
  private final NDArray bias;
  private final int stride;
  private final int padding;
  private final TorchFunction inBfloat16;

  public Conv2d(
      Parameters parameters, int inChannels, int outChannels, int kernel, int stride, int padding) {
    ConvolutionCheck.require();
    double bound = 1 / Math.sqrt((double) inChannels * kernel * kernel);
    this.weight = parameters.uniform("weight", bound, outChannels, inChannels, kernel, kernel);
    this.bias = parameters.uniform("bias", bound, outChannels);
    this.stride = stride;
    this.padding = padding;
    this.inBfloat16 = Functional.conv2dInBfloat16(stride, padding);
  }

  /** A 3x3 convolution that keeps height and width. */
  public static Conv2d same3x3(Parameters parameters, int inChannels, int outChannels) {
    return new Conv2d(parameters, inChannels, outChannels, 3, 1, 1);
  }

  public NDArray forward(NDArray x) {
    return switch (Autocast.current()) {
      case NO -> Functional.conv2d(x, weight, bias, stride, padding);
      case BF16 -> inBfloat16.apply(x, Autocast.weight(weight), Autocast.weight(bias));
    };
  }
}
