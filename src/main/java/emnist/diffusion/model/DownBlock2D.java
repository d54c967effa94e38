package emnist.diffusion.model;

import static emnist.diffusion.torch.Functional.consume;

import ai.djl.ndarray.NDArray;
import emnist.diffusion.nn.Conv2d;
import emnist.diffusion.nn.Parameters;
import emnist.diffusion.torch.Functional;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.BinaryOperator;

/**
 * One level of the downward path: residual blocks, each followed by attention in {@code
 * AttnDownBlock2D}. All levels but the last then halve the height and width.
 */
final class DownBlock2D {

  private final List<Layer> layers = new ArrayList<>();
  private final BinaryOperator<NDArray> downsampler; // of h and the embedding; null in the last

  /**
   * Creates level {@code index} of the configuration.
   *
   * @param inChannels channels of the input; the output has the channels of the level
   */
  DownBlock2D(Parameters parameters, UNet2DModelConfig config, int index, int inChannels) {
    int outChannels = config.blockOutChannels().get(index);
    String type = config.downBlockTypes().get(index);
    for (int i = 0; i < config.layersPerBlock(); i++) {
      layers.add(
          Layer.of(parameters, config, type, i, i == 0 ? inChannels : outChannels, outChannels));
    }
    Parameters sampler = parameters.child("downsamplers").child(0);
    if (index == config.blockOutChannels().size() - 1) {
      this.downsampler = null;
    } else if (config.resamplesByResnet(type, config.downsampleType())) {
      var resnet = new ResnetBlock2D(sampler, config, outChannels, outChannels, 1);
      this.downsampler = (h, emb) -> resnet.forward(h, Functional::averagePool2x2, emb);
    } else {
      int padding = config.downsamplePadding();
      var conv = new Conv2d(sampler.child("conv"), outChannels, outChannels, 3, 2, padding);
      this.downsampler =
          (h, emb) -> padding > 0 ? conv.forward(h) : consume(padded(h), conv::forward);
    }
  }

  /**
   * Applies the level.
   *
   * @param skips receives the outputs of all layers, the newest first; the upward path frees them
   * @return the newest of them
   */
  NDArray forward(NDArray x, NDArray activatedEmb, Deque<NDArray> skips) {
    NDArray h = x;
    for (Layer layer : layers) {
      h = layer.forward(h, activatedEmb);
      skips.push(h);
    }
    if (downsampler != null) {
      h = downsampler.apply(h, activatedEmb);
      skips.push(h);
    }
    return h;
  }

  /** One row and column, like TensorFlow's SAME padding, but two where the side is one pixel. */
  private static NDArray padded(NDArray h) {
    long rows = Math.max(1, 3 - h.getShape().get(2));
    long columns = Math.max(1, 3 - h.getShape().get(3));
    return Functional.padBottomRight(h, rows, columns);
  }
}
