package emnist.diffusion.nn;

import ai.djl.ndarray.NDArray;
import emnist.diffusion.torch.Autocast;
import emnist.diffusion.torch.Functional;

/** Affine map, {@code (..., in)} to {@code (..., out)}: {@code torch.nn.Linear}. */
public final class Linear {

  private final NDArray weight;
  private final NDArray bias;

  public Linear(Parameters parameters, int inFeatures, int outFeatures) {
    double bound = 1 / Math.sqrt(inFeatures);
    this.weight = parameters.uniform("weight", bound, outFeatures, inFeatures);
    this.bias = parameters.uniform("bias", bound, outFeatures);
  }

  public NDArray forward(NDArray x) {
    return switch (Autocast.current()) {
      case NO -> Functional.linear(x, weight, bias);
      case BF16 -> Functional.linearInBfloat16(x, Autocast.weight(weight), Autocast.weight(bias));
    };
  }
}
