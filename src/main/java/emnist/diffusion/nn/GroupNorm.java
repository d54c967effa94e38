package emnist.diffusion.nn;

import ai.djl.ndarray.NDArray;
import emnist.diffusion.torch.Activation;
import emnist.diffusion.torch.Functional;
import emnist.diffusion.torch.TorchFunction;

/**
 * Group normalisation of {@code (N, C, ...)}, {@code torch.nn.GroupNorm}, with the activation that
 * follows it: in one call, so that outside training the activation's input is freed early.
 */
public final class GroupNorm {

  private final NDArray weight;
  private final NDArray bias;
  private final TorchFunction function;

  public GroupNorm(
      Parameters parameters, int groups, int channels, double eps, Activation activation) {
    this.weight = parameters.full("weight", 1, channels);
    this.bias = parameters.full("bias", 0, channels);
    this.function = Functional.groupNorm(groups, eps, activation);
  }

  public NDArray forward(NDArray x) {
    return function.apply(x, weight, bias);
  }
}
