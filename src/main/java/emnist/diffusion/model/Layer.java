package emnist.diffusion.model;

import static emnist.diffusion.torch.Functional.consume;

import ai.djl.ndarray.NDArray;
import emnist.diffusion.nn.Parameters;

/**
 * A residual block and the attention that follows it, which is null in a block without attention.
 */
record Layer(ResnetBlock2D resnet, Attention attention) {

  /** Layer {@code index} of a level, whose type says whether it has attention. */
  static Layer of(
      Parameters level,
      UNet2DModelConfig config,
      String type,
      int index,
      int inChannels,
      int outChannels) {
    Parameters attentions = level.child("attentions"); // declared first, as in diffusers
    Parameters resnet = level.child("resnets").child(index);
    return new Layer(
        new ResnetBlock2D(resnet, config, inChannels, outChannels, 1),
        type.startsWith("Attn")
            ? new Attention(attentions.child(index), config, outChannels, config.normNumGroups(), 1)
            : null);
  }

  NDArray forward(NDArray x, NDArray activatedEmb) {
    NDArray h = resnet.forward(x, activatedEmb);
    return attention == null ? h : consume(h, attention::forward);
  }
}
