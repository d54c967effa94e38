package emnist.diffusion.model;

import static emnist.diffusion.torch.Functional.consume;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import emnist.diffusion.nn.Conv2d;
import emnist.diffusion.nn.GroupNorm;
import emnist.diffusion.nn.Linear;
import emnist.diffusion.nn.Parameters;
import emnist.diffusion.torch.Activation;
import emnist.diffusion.torch.Autograd;
import emnist.diffusion.torch.Functional;
import emnist.diffusion.torch.TorchFunction;
import java.util.function.UnaryOperator;

/**
 * Residual block: norm, activation and convolution, applied twice, with the time embedding in
 * between. The embedding is added, or with {@code resnet_time_scale_shift = "scale_shift"}
 * modulates the second norm (Dhariwal and Nichol 2021, arXiv:2105.05233, section 3).
 */
final class ResnetBlock2D {

  private final GroupNorm norm1;
  private final Conv2d conv1;
  private final Linear timeEmbProj;
  private final GroupNorm norm2;
  private final Conv2d conv2;
  private final Conv2d convShortcut;
  private final TorchFunction modulate;
  private final double dropout;
  private final double outputScaleFactor;

  ResnetBlock2D(
      Parameters parameters,
      UNet2DModelConfig config,
      int inChannels,
      int outChannels,
      double outputScaleFactor) {
    boolean scaleShift = config.scaleShift();
    Activation activation = Activation.of(config.actFn());
    this.modulate = scaleShift ? Functional.scaleShift(activation) : null;
    this.dropout = config.dropout();
    this.outputScaleFactor = outputScaleFactor;
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
   * Applies the block; with dropout if gradients are recorded.
   *
   * @param x {@code (N, in, H, W)}
   * @param activatedEmb the activation of the time embedding, {@code (N, timeEmbedDim)}
   * @return {@code (N, out, H, W)}
   */
  NDArray forward(NDArray x, NDArray activatedEmb) {
    return residual(x, norm1.forward(x), activatedEmb);
  }

  /** As {@link #forward(NDArray, NDArray)}, resized before the first convolution. */
  NDArray forward(NDArray x, UnaryOperator<NDArray> resize, NDArray activatedEmb) {
    NDArray h = consume(norm1.forward(x), resize);
    return consume(resize.apply(x), resized -> residual(resized, h, activatedEmb));
  }

  /** The layers after the first norm; frees {@code normed}. */
  private NDArray residual(NDArray x, NDArray normed, NDArray activatedEmb) {
    NDArray emb =
        consume(
            timeEmbProj.forward(activatedEmb),
            e -> e.reshape(e.getShape().addAll(new Shape(1, 1))));
    NDArray first = consume(normed, conv1::forward);
    NDArray second = consume(emb, e -> consume(first, h -> timed(h, e)));
    if (dropout > 0 && Autograd.isEnabled()) {
      second = consume(second, h -> Functional.dropout(h, dropout));
    }
    // Added in place, because no gradient needs the output of a convolution.
    NDArray out = consume(second, conv2::forward);
    NDArray sum = convShortcut == null ? out.addi(x) : consume(convShortcut.forward(x), out::addi);
    return outputScaleFactor == 1 ? sum : sum.divi(outputScaleFactor);
  }

  /** Second norm and activation of {@code h}, combined with the time embedding {@code e}. */
  private NDArray timed(NDArray h, NDArray e) {
    if (modulate == null) {
      return norm2.forward(h.addi(e));
    }
    return consume(norm2.forward(h), normed -> modulate.apply(normed, e));
  }
}
