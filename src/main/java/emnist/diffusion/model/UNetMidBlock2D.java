package emnist.diffusion.model;

import static emnist.diffusion.torch.Functional.consume;

import ai.djl.ndarray.NDArray;
import emnist.diffusion.nn.Parameters;

/**
 * The middle block, at the smallest size: a residual block, optional attention, and another
 * residual block.
 */
final class UNetMidBlock2D {

  private final Layer first;
  private final ResnetBlock2D second;

  UNetMidBlock2D(Parameters parameters, UNet2DModelConfig config) {
    int channels = config.blockOutChannels().get(config.blockOutChannels().size() - 1);
    double scale = config.midBlockScaleFactor();
    Parameters attention = parameters.child("attentions").child(0);
    Parameters resnets = parameters.child("resnets");
    this.first =
        new Layer(
            new ResnetBlock2D(resnets.child(0), config, channels, channels, scale),
            config.addAttention()
                ? new Attention(attention, config, channels, config.midAttentionGroups(), scale)
                : null);
    this.second = new ResnetBlock2D(resnets.child(1), config, channels, channels, scale);
  }

  NDArray forward(NDArray x, NDArray activatedEmb) {
    return consume(first.forward(x, activatedEmb), h -> second.forward(h, activatedEmb));
  }
}
