package emnist.diffusion.model;

import static emnist.diffusion.torch.Functional.consume;

import ai.djl.ndarray.NDArray;
import emnist.diffusion.model.ResnetBlock2D.Resample;
import emnist.diffusion.nn.Parameters;

/**
 * The middle block, at the smallest size: a residual block, optional attention, and another
 * residual block.
 */
final class UNetMidBlock2D {

  private final ResnetBlock2D first;
  private final Attention attention;
  private final ResnetBlock2D second;

  UNetMidBlock2D(Parameters parameters, UNet2DModelConfig config) {
    int channels = config.blockOutChannels().get(config.blockOutChannels().size() - 1);
    double scale = config.midBlockScaleFactor();
    Parameters attentions = parameters.child("attentions");
    Parameters resnets = parameters.child("resnets");
    this.first =
        new ResnetBlock2D(resnets.child(0), config, channels, channels, scale, Resample.NONE);
    int groups = config.midAttentionGroups();
    this.attention =
        config.addAttention()
            ? new Attention(attentions.child(0), config, channels, groups, scale)
            : null;
    this.second =
        new ResnetBlock2D(resnets.child(1), config, channels, channels, scale, Resample.NONE);
  }

  NDArray forward(NDArray x, NDArray activatedEmb, boolean training) {
    NDArray h = first.forward(x, activatedEmb, null, training);
    if (attention != null) {
      h = consume(h, attention::forward);
    }
    return consume(h, a -> second.forward(a, activatedEmb, null, training));
  }
}
