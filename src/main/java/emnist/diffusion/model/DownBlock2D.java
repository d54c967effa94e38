package emnist.diffusion.model;

import static emnist.diffusion.torch.Functional.consume;

import ai.djl.ndarray.NDArray;
import emnist.diffusion.model.ResnetBlock2D.Resample;
import emnist.diffusion.nn.Conv2d;
import emnist.diffusion.nn.Parameters;
import emnist.diffusion.torch.Functional;
import java.util.ArrayList;
import java.util.List;

/**
 * One level of the downward path: residual blocks, each followed by attention in {@code
 * AttnDownBlock2D}. All levels but the last then halve the height and width.
 */
final class DownBlock2D {

  private final List<ResnetBlock2D> resnets = new ArrayList<>();
  private final List<Attention> attentions = new ArrayList<>();
  private final Conv2d downsampleConv;
  private final int downsamplePadding;
  private final ResnetBlock2D downsampleResnet;

  /**
   * Creates level {@code index} of the configuration.
   *
   * @param inChannels channels of the input; the output has the channels of the level
   */
  DownBlock2D(Parameters parameters, UNet2DModelConfig config, int index, int inChannels) {
    int outChannels = config.blockOutChannels().get(index);
    String type = config.downBlockTypes().get(index);
    boolean attention = type.startsWith("Attn");
    Parameters attentionList = attention ? parameters.child("attentions") : null;
    Parameters resnetList = parameters.child("resnets");
    for (int i = 0; i < config.layersPerBlock(); i++) {
      int in = i == 0 ? inChannels : outChannels;
      resnets.add(new ResnetBlock2D(resnetList.child(i), config, in, outChannels));
      if (attention) {
        attentions.add(new Attention(attentionList.child(i), config, outChannels));
      }
    }
    boolean last = index == config.blockOutChannels().size() - 1;
    boolean byResnet =
        type.startsWith("Resnet") || attention && config.downsampleType().equals("resnet");
    this.downsamplePadding = config.downsamplePadding();
    Parameters sampler = parameters.child("downsamplers").child(0);
    this.downsampleConv =
        last || byResnet
            ? null
            : new Conv2d(sampler.child("conv"), outChannels, outChannels, 3, 2, downsamplePadding);
    this.downsampleResnet =
        last || !byResnet
            ? null
            : new ResnetBlock2D(sampler, config, outChannels, outChannels, 1, Resample.DOWN);
  }

  /**
   * Applies the level.
   *
   * @param skips receives the output of every layer, for the upward path; the caller frees them
   * @return the last of them
   */
  NDArray forward(NDArray x, NDArray activatedEmb, List<NDArray> skips, boolean training) {
    NDArray h = x;
    for (int i = 0; i < resnets.size(); i++) {
      h = resnets.get(i).forward(h, activatedEmb, null, training);
      if (!attentions.isEmpty()) {
        h = consume(h, attentions.get(i)::forward);
      }
      skips.add(h);
    }
    if (downsampleConv != null) {
      h = downsample(h);
      skips.add(h);
    } else if (downsampleResnet != null) {
      h = downsampleResnet.forward(h, activatedEmb, null, training);
      skips.add(h);
    }
    return h;
  }

  private NDArray downsample(NDArray h) {
    if (downsamplePadding > 0) {
      return downsampleConv.forward(h);
    }
    // One row and column, like TensorFlow's SAME padding, but two where the side is one pixel.
    long rows = Math.max(1, 3 - h.getShape().get(2));
    long columns = Math.max(1, 3 - h.getShape().get(3));
    return consume(Functional.padBottomRight(h, rows, columns), downsampleConv::forward);
  }
}
