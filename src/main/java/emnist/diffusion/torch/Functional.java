package emnist.diffusion.torch;

import static emnist.diffusion.torch.TorchFunction.explained;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.IValue;
import ai.djl.pytorch.jni.JniUtils;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * The operators of a diffusion network, named and defined as in {@code torch.nn.functional}.
 *
 * <p>Every result is owned by the manager of the first argument: a step's, not that of the weights.
 */
public final class Functional {

  private static final int NEAREST = 0;

  // In these scripts, the type 6 is float32 and 15 is bfloat16, as in c10::ScalarType.
  private static final TorchFunction TO_FLOAT32 = TorchFunction.of("x", "return torch.to(x, 6)");
  private static final TorchFunction LINEAR_IN_BFLOAT16 = inBfloat16("torch.linear(x, w, b)");
  private static final TorchFunction COPY = TorchFunction.of("x, y", "return torch.copy_(x, y)");
  private static final TorchFunction LERP =
      TorchFunction.of(
          "targets: List[Tensor], ends: List[Tensor], weight: float",
          "torch._foreach_lerp_(targets, ends, weight)");
  private static final TorchFunction MSE_LOSS =
      TorchFunction.of("x, y", "return torch.mse_loss(x, y)");
  private static final TorchFunction WEIGHTED_MSE_LOSS =
      TorchFunction.of(
          "x, y, w",
          "squares = torch.flatten(torch.mse_loss(x, y, 0), 1)",
          "return torch.mean(torch.mul(torch.mean(squares, [1]), w))");
  private static final TorchFunction GUIDE =
      TorchFunction.of(
          "h, s", "parts = torch.chunk(h, 2)", "return torch.lerp(parts[0], parts[1], s)");
  private static final TorchFunction CROSS_ENTROPY =
      TorchFunction.of("x, y", "return torch.cross_entropy_loss(x, y)");
  private static final TorchFunction AVERAGE_POOL =
      TorchFunction.of("x", "return torch.avg_pool2d(x, [2, 2], [2, 2], [0, 0], True, True)");

  private Functional() {}

  /** Overwrites the values of {@code target}, a leaf or not, with those of {@code source}. */
  public static void copyInPlace(NDArray target, NDArray source) {
    COPY.run(IValue.from((PtNDArray) target), IValue.from((PtNDArray) source));
  }

  /** {@code target += weight (end - target)} for all pairs at once: {@code _foreach_lerp_}. */
  public static void lerpInPlace(List<NDArray> targets, List<NDArray> ends, double weight) {
    LERP.run(TorchFunction.list(targets), TorchFunction.list(ends), IValue.from(weight));
  }

  /** Applies {@code f} to an intermediate and frees the intermediate. */
  public static NDArray consume(NDArray intermediate, UnaryOperator<NDArray> f) {
    try (intermediate) {
      return f.apply(intermediate);
    }
  }

  /**
   * 2-d convolution with zero padding of x {@code (N, C, H, W)} by a weight {@code (O, C, kH, kW)}
   * and a bias {@code (O)}.
   */
  public static NDArray conv2d(NDArray x, NDArray weight, NDArray bias, int stride, int padding) {
    return explained(
        () ->
            JniUtils.convolution(
                (PtNDArray) x,
                (PtNDArray) weight,
                (PtNDArray) bias,
                new Shape(stride, stride),
                new Shape(padding, padding),
                new Shape(1, 1),
                1));
  }

  /** {@link #conv2d} as a function of x, weight and bias of any type, computed in bfloat16. */
  public static TorchFunction conv2dInBfloat16(int stride, int padding) {
    return inBfloat16(
        "torch.conv2d(x, w, b, [%s, %s], [%s, %s], [1, 1], 1)"
            .formatted(stride, stride, padding, padding));
  }

  private static TorchFunction inBfloat16(String expression) {
    return TorchFunction.of(
        "x, w, b",
        "x = torch.to(x, 15)",
        "w = torch.to(w, 15)",
        "b = torch.to(b, 15)",
        "return " + expression);
  }

  /**
   * Group normalisation followed by an activation, in one call (Wu and He 2018, arXiv:1803.08494);
   * in float32 whatever comes in, as its sums need more than the 8 bits of bfloat16.
   *
   * @return a function of x {@code (N, C, ...)}, weight {@code (C)} and bias {@code (C)}
   */
  public static TorchFunction groupNorm(int groups, double eps, Activation activation) {
    return TorchFunction.of(
        "x, w, b",
        "h = torch.group_norm(torch.to(x, 6), %s, w, b, %s, True)".formatted(groups, eps),
        "return " + activation.applyTo("h"));
  }

  /** The activation as a function of one tensor of any shape. */
  public static TorchFunction activation(Activation activation) {
    return TorchFunction.of("x", "return " + activation.applyTo("x"));
  }

  /**
   * FiLM modulation {@code x (1 + scale) + shift} per channel (Perez et al. 2018, arXiv:1709.07871)
   * followed by an activation, in one call.
   *
   * @return a function of x {@code (N, C, H, W)} and of {@code (N, 2C, 1, 1)}, the scales before
   *     the shifts
   */
  public static TorchFunction scaleShift(Activation activation) {
    // Added in place, because no gradient needs the product.
    return TorchFunction.of(
        "x, e",
        "scale = torch.slice(e, 1, 0, torch.size(x, 1))",
        "shift = torch.slice(e, 1, torch.size(x, 1))",
        "h = torch.add_(torch.mul(x, torch.add(scale, 1)), shift)",
        "return " + activation.applyTo("h"));
  }

  /**
   * Multi-head scaled-dot-product attention (Vaswani et al. 2017, arXiv:1706.03762, equation 1).
   *
   * @param heads number of heads; each has {@code D / heads} channels
   * @return a function of queries, keys and values, each {@code (N, L, D)}, to {@code (N, L, D)}
   */
  public static TorchFunction attention(int heads) {
    String split = "torch.transpose(torch.reshape(%s, [n, l, " + heads + ", -1]), 1, 2)";
    return TorchFunction.of(
        "q, k, v",
        "n = torch.size(q, 0)",
        "l = torch.size(q, 1)",
        "h = torch.scaled_dot_product_attention(%s, %s, %s)"
            .formatted(split.formatted("q"), split.formatted("k"), split.formatted("v")),
        "return torch.reshape(torch.transpose(h, 1, 2), [n, l, -1])");
  }

  /** Mean over 2x2 windows; a last odd row or column is averaged on its own. */
  public static NDArray averagePool2x2(NDArray x) {
    return AVERAGE_POOL.apply(x);
  }

  /**
   * {@code x Wᵀ + b} over the last axis of x {@code (..., I)}, for a weight {@code (O, I)} and a
   * bias {@code (O)}.
   */
  public static NDArray linear(NDArray x, NDArray weight, NDArray bias) {
    return explained(() -> JniUtils.linear((PtNDArray) x, (PtNDArray) weight, (PtNDArray) bias));
  }

  /** As {@link #linear}, computed in bfloat16, to bfloat16. */
  public static NDArray linearInBfloat16(NDArray x, NDArray weight, NDArray bias) {
    return LINEAR_IN_BFLOAT16.apply(x, weight, bias);
  }

  /** The array in float32; itself, as a new array of the same memory, if it is. */
  public static NDArray toFloat32(NDArray x) {
    return TO_FLOAT32.apply(x);
  }

  /** The rows {@code (N, D)} of a table {@code (numEmbeddings, D)} at int64 indices {@code (N)}. */
  public static NDArray embedding(NDArray indices, NDArray weight) {
    return explained(() -> JniUtils.embedding((PtNDArray) indices, (PtNDArray) weight, false));
  }

  /** Nearest-neighbour resize of {@code (N, C, H, W)} to {@code (N, C, height, width)}. */
  public static NDArray interpolateNearest(NDArray x, long height, long width) {
    return explained(
        () -> JniUtils.interpolate((PtNDArray) x, new long[] {height, width}, NEAREST, false));
  }

  /** Mean squared error over all elements, a scalar. Records gradients. */
  public static NDArray mseLoss(NDArray prediction, NDArray target) {
    return mseLoss(prediction, target, null);
  }

  /**
   * Mean squared error over all elements of {@code (N, ...)}, a scalar, with that of each sample
   * times its weight. The weights are {@code (N)}, or null for none.
   *
   * @throws IllegalArgumentException if the shapes differ
   */
  public static NDArray mseLoss(NDArray prediction, NDArray target, NDArray weights) {
    Shape shape = prediction.getShape();
    if (!target.getShape().equals(shape)
        || weights != null && !weights.getShape().equals(shape.slice(0, 1))) {
      throw new IllegalArgumentException(
          "Expected a target of the prediction's shape %s and one weight per sample, found %s and %s. Make them fit."
              .formatted(shape, target.getShape(), weights == null ? null : weights.getShape()));
    }
    return Autograd.enableGrad(
        () ->
            weights == null
                ? MSE_LOSS.apply(prediction, target)
                : WEIGHTED_MSE_LOSS.apply(prediction, target, weights));
  }

  /**
   * {@code uncond + scale (cond - uncond)} of the two halves of a batch (Ho and Salimans 2022,
   * arXiv:2207.12598, equation 6, with a scale of w + 1).
   *
   * @param halves {@code (2N, ...)}, the unconditional predictions before the conditional ones
   * @param scale a scalar on the same device
   */
  public static NDArray guide(NDArray halves, NDArray scale) {
    return GUIDE.apply(halves, scale);
  }

  /**
   * Mean cross entropy of logits {@code (N, classes)} and labels {@code (N)}, a scalar; see {@link
   * #requireLabels} for the labels.
   */
  public static NDArray crossEntropy(NDArray logits, NDArray labels) {
    requireLabels(labels, logits.getShape().tail());
    return CROSS_ENTROPY.apply(logits, labels);
  }

  /** Zeroes elements with probability {@code p} and scales the others by {@code 1 / (1 - p)}. */
  public static NDArray dropout(NDArray x, double p) {
    return explained(() -> JniUtils.dropout((PtNDArray) x, p, true));
  }

  /** Appends zero columns at the right and zero rows at the bottom of {@code (N, C, H, W)}. */
  public static NDArray padBottomRight(NDArray x, long rows, long columns) {
    return explained(() -> JniUtils.pad((PtNDArray) x, new long[] {0, columns, 0, rows}, 0));
  }

  /**
   * Refuses labels that are neither int64 nor int32, or not in {@code [0, classes)}; the latter
   * only on the CPU, because a look at a GPU's memory would wait for it.
   */
  public static void requireLabels(NDArray labels, long classes) {
    DataType type = labels.getDataType();
    boolean isInteger = type == DataType.INT64 || type == DataType.INT32;
    LongStream seen =
        !isInteger || labels.getDevice().isGpu()
            ? LongStream.empty()
            : Stream.of(labels.toArray()).mapToLong(Number::longValue);
    long[] wrong = seen.filter(label -> label < 0 || label >= classes).toArray();
    if (!isInteger || wrong.length > 0) {
      throw new IllegalArgumentException(
          "Expected INT64 class labels from 0 to %s, found %s %s. Choose classes of the network."
              .formatted(classes - 1, type.name(), Arrays.toString(wrong)));
    }
  }
}
