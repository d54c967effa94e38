package emnist.diffusion.model;

import static emnist.diffusion.torch.Functional.consume;

import ai.djl.ndarray.NDArray;
import emnist.diffusion.nn.GroupNorm;
import emnist.diffusion.nn.Linear;
import emnist.diffusion.nn.Parameters;
import emnist.diffusion.torch.Activation;
import emnist.diffusion.torch.Functional;
import emnist.diffusion.torch.TorchFunction;

/** Self-attention over the pixels of a feature map, with a residual connection. */
final class Attention {

  private final GroupNorm groupNorm;
  private final Linear toQ;
  private final Linear toK;
  private final Linear toV;
  private final Linear toOut;
  private final TorchFunction attend;
  private final double rescaleOutputFactor;

  /** With {@code groups} in the norm before it, 0 for no norm. */
  Attention(
      Parameters parameters,
      UNet2DModelConfig config,
      int channels,
      int groups,
      double rescaleOutputFactor) {
    int heads = channels / config.headDim(channels);
    int inner = heads * config.headDim(channels);
    Parameters norm = parameters.child("group_norm");
    this.groupNorm =
        groups == 0
            ? null
            : new GroupNorm(norm, groups, channels, config.normEps(), Activation.NONE);
    this.toQ = new Linear(parameters.child("to_q"), channels, inner);
    this.toK = new Linear(parameters.child("to_k"), channels, inner);
    this.toV = new Linear(parameters.child("to_v"), channels, inner);
    this.toOut = new Linear(parameters.child("to_out").child(0), inner, channels);
    this.attend = Functional.attention(heads);
    this.rescaleOutputFactor = rescaleOutputFactor;
  }

  /** {@code (N, C, H, W)} to the same shape. */
  NDArray forward(NDArray x) {
    NDArray tokens =
        groupNorm == null ? tokens(x) : consume(groupNorm.forward(x), Attention::tokens);
    NDArray attended = consume(consume(tokens, this::attend), toOut::forward);
    NDArray channelsFirst = consume(attended, a -> a.transpose(0, 2, 1));
    NDArray sum = consume(consume(channelsFirst, c -> c.reshape(x.getShape())), x::add);
    return rescaleOutputFactor == 1 ? sum : sum.divi(rescaleOutputFactor);
  }

  private NDArray attend(NDArray tokens) {
    try (NDArray q = toQ.forward(tokens);
        NDArray k = toK.forward(tokens);
        NDArray v = toV.forward(tokens)) {
      return attend.apply(q, k, v);
    }
  }

  /** {@code (N, C, H, W)} to {@code (N, H W, C)}. */
  private static NDArray tokens(NDArray x) {
    return consume(x.flatten(2, 3), flat -> flat.transpose(0, 2, 1));
  }
}
