package emnist.diffusion.model;

import static emnist.diffusion.torch.Functional.consume;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import emnist.diffusion.nn.Conv2d;
import emnist.diffusion.nn.Parameters;
import emnist.diffusion.torch.Functional;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * One level of the upward path: residual blocks over the features joined with a skip connection,
 * each followed by attention in {@code AttnUpBlock2D}. All levels but the last then upsample to the
 * size of the next level.
 *
 * <p>The next level's size is that of its skip connection. Doubling would miss sizes that were
 * rounded up when they were halved (28, 14, 7, 4, 2, 1).
 */
final class UpBlock2D {

  private final List<Layer> layers = new ArrayList<>();
  private final Conv2d upsampleConv;
  private final ResnetBlock2D upsampleResnet;

  /** Creates level {@code index} of the upward path; 0 is the smallest size. */
  UpBlock2D(Parameters parameters, UNet2DModelConfig config, int index) {
    List<Integer> channels = config.blockOutChannels();
    int last = channels.size() - 1;
    int outChannels = channels.get(last - index);
    int previousChannels = channels.get(last - Math.max(index - 1, 0));
    int lastSkipChannels = channels.get(Math.max(last - 1 - index, 0));
    String type = config.upBlockTypes().get(index);
    for (int i = 0; i <= config.layersPerBlock(); i++) {
      int in = i == 0 ? previousChannels : outChannels;
      int skip = i == config.layersPerBlock() ? lastSkipChannels : outChannels;
      layers.add(Layer.of(parameters, config, type, i, in + skip, outChannels));
    }
    boolean byResnet = config.resamplesByResnet(type, config.upsampleType());
    Parameters sampler = parameters.child("upsamplers").child(0);
    this.upsampleConv =
        index == last || byResnet
            ? null
            : Conv2d.same3x3(sampler.child("conv"), outChannels, outChannels);
    this.upsampleResnet =
        index == last || !byResnet
            ? null
            : new ResnetBlock2D(sampler, config, outChannels, outChannels, 1);
  }

  /**
   * Applies the level.
   *
   * @param skips the outputs of the downward path, newest first; removes and frees those it uses
   */
  NDArray forward(NDArray x, NDArray activatedEmb, Deque<NDArray> skips) {
    NDArray h = x;
    for (Layer layer : layers) {
      NDArray input = h;
      NDArray joined = consume(skips.pop(), skip -> NDArrays.concat(new NDList(input, skip), 1));
      if (input != x) {
        input.close();
      }
      h = consume(joined, j -> layer.forward(j, activatedEmb));
    }
    if (upsampleConv == null && upsampleResnet == null) {
      return h;
    }
    Shape size = skips.peek().getShape();
    UnaryOperator<NDArray> resize = a -> Functional.interpolateNearest(a, size.get(2), size.get(3));
    return upsampleResnet != null
        ? consume(h, a -> upsampleResnet.forward(a, resize, activatedEmb))
        : consume(consume(h, resize), upsampleConv::forward);
  }
}
