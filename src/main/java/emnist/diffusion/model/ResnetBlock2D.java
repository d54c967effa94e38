package emnist.diffusion.model;

import static emnist.diffusion.torch.Functional.consume;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import emnist.diffusion.nn.Conv2d;
import emnist.diffusion.nn.GroupNorm;
import emnist.diffusion.nn.Linear;
import emnist.diffusion.nn.Parameters;
import emnist.diffusion.torch.Activation;
import emnist.diffusion.torch.Functional;
import emnist.diffusion.torch.TorchFunction;

/**
 * Residual block: norm, activation and convolution, applied twice, with the time embedding in
 * between.
 *
 * <p>With {@code resnet_time_scale_shift = "default"} the embedding is added; with {@code
 * "scale_shift"} it modulates the second norm, as in Dhariwal and Nichol 2021 (arXiv:2105.05233,
 * section 3).
 */
final class ResnetBlock2D {

  /** How height and width change before the first convolution. */
  enum Resample {
    NONE,
    DOWN,
    UP
  }

  private final GroupNorm norm1;
  private final Conv2d conv1;
  private final Linear timeEmbProj;
  private final GroupNorm norm2;
  private final Conv2d conv2;
  private final Conv2d convShortcut;
  private final boolean scaleShift;
  private final TorchFunction activate;
  private final double dropout;
  private final double outputScaleFactor;
  private final Resample resample;

  /** A block that keeps height and width, with unscaled output. */
  ResnetBlock2D(Parameters parameters, UNet2DModelConfig config, int inChannels, int outChannels) {
    this(parameters, config, inChannels, outChannels, 1, Resample.NONE);
  }

  ResnetBlock2D(
      Parameters parameters,
      UNet2DModelConfig config,
      int inChannels,
      int outChannels,
      double outputScaleFactor,
      Resample resample) {
    this.scaleShift = config.scaleShift();
    Activation activation = Activation.of(config.actFn());
    this.activate = Functional.activation(activation);
    this.dropout = config.dropout();
    this.outputScaleFactor = outputScaleFactor;
    this.resample = resample;
    int groups = config.normNumGroups();
    double eps = config.normEps();
    this.norm1 = new GroupNorm(parameters.child("norm1"), groups, inChannels, eps, activation);
    this.conv1 = Conv2d.same3x3(parameters.child("conv1"), inChannels, outChannels);
    int projected = scaleShift ? 2 * outChannels : outChannels;
    this.timeEmbProj =
        new Linear(parameters.child("time_emb_proj"), config.timeEmbedDim(), projected);
    Activation second = scaleShift ? Activation.NONE : activation;
    this.norm2 = new GroupNorm(parameters.child("norm2"), groups, outChannels, eps, second);
    this.conv2 = Conv2d.same3x3(parameters.child("conv2"), outChannels, outChannels);
    this.convShortcut =
        inChannels == outChannels
            ? null
            : new Conv2d(parameters.child("conv_shortcut"), inChannels, outChannels, 1, 1, 0);
  }

  /**
   * Applies the block.
   *
   * @param x {@code (N, in, H, W)}
   * @param activatedEmb the activation of the time embedding, {@code (N, timeEmbedDim)}
   * @param size {@code {height, width}} of the output if the block upsamples, otherwise unused
   * @return {@code (N, out, H', W')}
   */
  NDArray forward(NDArray x, NDArray activatedEmb, long[] size, boolean training) {
    if (resample == Resample.NONE) {
      return residual(x, norm1.forward(x), activatedEmb, training);
    }
    NDArray h = consume(norm1.forward(x), a -> resample(a, size));
    return consume(resample(x, size), resized -> residual(resized, h, activatedEmb, training));
  }

  /** The layers after the first norm; frees {@code normed}. */
  private NDArray residual(NDArray x, NDArray normed, NDArray activatedEmb, boolean training) {
    NDArray emb = consume(timeEmbProj.forward(activatedEmb), ResnetBlock2D::perChannel);
    NDArray first = consume(normed, conv1::forward);
    NDArray second = consume(emb, e -> consume(first, h -> timed(h, e)));
    if (training && dropout > 0) {
      second = consume(second, h -> Functional.dropout(h, dropout));
    }
    // Added in place, because no gradient needs the output of a convolution.
    NDArray out = consume(second, conv2::forward);
    if (convShortcut == null) {
      out.addi(x);
    } else {
      try (NDArray shortcut = convShortcut.forward(x)) {
        out.addi(shortcut);
      }
    }
    return outputScaleFactor == 1 ? out : out.divi(outputScaleFactor);
  }

  /** Second norm and activation of {@code h}, combined with the time embedding {@code e}. */
  private NDArray timed(NDArray h, NDArray e) {
    if (!scaleShift) {
      return norm2.forward(h.addi(e));
    }
    NDArray modulated = consume(norm2.forward(h), n -> Functional.scaleShift(n, e));
    return consume(modulated, activate::apply);
  }

  private static NDArray perChannel(NDArray emb) {
    return emb.reshape(new Shape(emb.getShape().get(0), emb.getShape().get(1), 1, 1));
  }

  private NDArray resample(NDArray x, long[] size) {
    return resample == Resample.DOWN
        ? Functional.averagePool2x2(x)
        : Functional.interpolateNearest(x, size[0], size[1]);
  }
}
