package emnist.diffusion.model;

import static emnist.diffusion.torch.Functional.consume;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import emnist.diffusion.model.ResnetBlock2D.Resample;
import emnist.diffusion.nn.Conv2d;
import emnist.diffusion.nn.Parameters;
import emnist.diffusion.torch.Functional;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * One level of the upward path: residual blocks over the features joined with a skip connection,
 * each followed by attention in {@code AttnUpBlock2D}. All levels but the last then upsample to the
 * size of the next level.
 *
 * <p>The next level's size is that of its skip connection. Doubling would miss sizes that were
 * rounded up when they were halved (28, 14, 7, 4, 2, 1).
 */
final class UpBlock2D {

  private final List<ResnetBlock2D> resnets = new ArrayList<>();
  private final List<Attention> attentions = new ArrayList<>();
  private final Conv2d upsampleConv;
  private final ResnetBlock2D upsampleResnet;

  /** Creates level {@code index} of the upward path; 0 is the smallest size. */
  UpBlock2D(Parameters parameters, UNet2DModelConfig config, int index) {
    List<Integer> channels = config.blockOutChannels();
    int levels = channels.size();
    int outChannels = channels.get(levels - 1 - index);
    int previousChannels = channels.get(levels - 1 - Math.max(index - 1, 0));
    int lastSkipChannels = channels.get(Math.max(levels - 2 - index, 0));
    String type = config.upBlockTypes().get(index);
    boolean attention = type.startsWith("Attn");
    Parameters attentionList = attention ? parameters.child("attentions") : null;
    Parameters resnetList = parameters.child("resnets");
    int layers = config.layersPerBlock() + 1;
    for (int i = 0; i < layers; i++) {
      int in = i == 0 ? previousChannels : outChannels;
      int skip = i == layers - 1 ? lastSkipChannels : outChannels;
      resnets.add(new ResnetBlock2D(resnetList.child(i), config, in + skip, outChannels));
      if (attention) {
        attentions.add(new Attention(attentionList.child(i), config, outChannels));
      }
    }
    boolean last = index == levels - 1;
    boolean byResnet =
        type.startsWith("Resnet") || attention && config.upsampleType().equals("resnet");
    Parameters sampler = parameters.child("upsamplers").child(0);
    this.upsampleConv =
        last || byResnet ? null : Conv2d.same3x3(sampler.child("conv"), outChannels, outChannels);
    this.upsampleResnet =
        last || !byResnet
            ? null
            : new ResnetBlock2D(sampler, config, outChannels, outChannels, 1, Resample.UP);
  }

  /**
   * Applies the level.
   *
   * @param skips the outputs of the downward path, newest first; those of this level are removed
   *     and freed
   */
  NDArray forward(NDArray x, NDArray activatedEmb, Deque<NDArray> skips, boolean training) {
    NDArray h = x;
    for (int i = 0; i < resnets.size(); i++) {
      ResnetBlock2D resnet = resnets.get(i);
      NDArray joined = join(h, skips.pop());
      if (i > 0) {
        h.close();
      }
      h = consume(joined, j -> resnet.forward(j, activatedEmb, null, training));
      if (!attentions.isEmpty()) {
        h = consume(h, attentions.get(i)::forward);
      }
    }
    return upsample(h, activatedEmb, skips, training);
  }

  private NDArray upsample(
      NDArray h, NDArray activatedEmb, Deque<NDArray> skips, boolean training) {
    if (upsampleConv == null && upsampleResnet == null) {
      return h;
    }
    long[] size = {skips.peek().getShape().get(2), skips.peek().getShape().get(3)};
    if (upsampleResnet != null) {
      return consume(h, x -> upsampleResnet.forward(x, activatedEmb, size, training));
    }
    NDArray larger = consume(h, x -> Functional.interpolateNearest(x, size[0], size[1]));
    return consume(larger, upsampleConv::forward);
  }

  private static NDArray join(NDArray h, NDArray skip) {
    try (skip) {
      return NDArrays.concat(new NDList(h, skip), 1);
    }
  }
}
