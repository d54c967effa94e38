package emnist.diffusion.torch;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.IValue;
import java.util.List;
import java.util.regex.Pattern;

/**
 * A loss and its gradient with respect to a list of weights: {@code torch.autograd.grad}.
 *
 * <p>An object of its own instead of a field of each weight: nothing has to be zeroed, and no
 * memory is held between a step and the next backward pass.
 */
public final class Gradients implements AutoCloseable {

  private static final TorchFunction GRAD =
      TorchFunction.of(
          "loss, weights: List[Tensor], scale: float",
          "scales = annotate(List[Optional[Tensor]], [torch.full_like(loss, scale)])",
          "gradients = annotate(List[Tensor], [])",
          "for gradient in torch.grad([loss], weights, scales):",
          "  _0 = torch.append(gradients, unchecked_cast(Tensor, gradient))",
          "return gradients");

  private static final TorchFunction ADD =
      TorchFunction.of(
          "gradients: List[Tensor], others: List[Tensor]",
          "torch._foreach_add_(gradients, others)",
          "return gradients");

  /** Autograd's messages for a loss of other weights, or one already used for a backward pass. */
  private static final Pattern OTHER_LOSS =
      Pattern.compile("does not require grad|not have been used in the graph|through the graph");

  private NDArray loss;
  private IValue list;

  private Gradients(NDArray loss, IValue list) {
    this.loss = loss;
    this.list = list;
  }

  /**
   * Runs the backward pass, which frees what the forward pass kept for it.
   *
   * @param loss a scalar, computed from all the weights while gradients were recorded
   * @param weights leaf arrays that require a gradient
   * @throws IllegalArgumentException if a weight was not used to compute the loss
   * @throws EngineException if memory runs out
   */
  public static Gradients of(NDArray loss, List<NDArray> weights) {
    return of(loss, weights, 1);
  }

  /** Like {@link #of(NDArray, List)}, for {@code scale} times the loss. */
  public static Gradients of(NDArray loss, List<NDArray> weights, double scale) {
    try {
      IValue list =
          GRAD.call(IValue.from((PtNDArray) loss), TorchFunction.list(weights), IValue.from(scale));
      return new Gradients(loss.stopGradient(), list);
    } catch (EngineException e) {
      String reason = TorchFunction.reason(e);
      if (!OTHER_LOSS.matcher(reason).find()) {
        throw e;
      }
      throw new IllegalArgumentException(
          "Expected a loss computed from every weight with gradients recorded, found one that was not (%s). Compute it within Autograd.enableGrad, once for each backward pass."
              .formatted(reason),
          e);
    }
  }

  /** Adds another loss of the same weights and its gradients, and closes {@code others}. */
  public void add(Gradients others) {
    try (others) {
      loss.addi(others.loss);
      list = ADD.call(list, others.handOver());
    }
  }

  /** The unscaled loss, or the sum of the losses added; a scalar of the manager of the loss. */
  public NDArray loss() {
    return loss;
  }

  /** In the order of the weights, owned by {@code manager}; they share memory with this object. */
  public List<NDArray> toList(NDManager manager) {
    return List.of(list.toTensorArray((PtNDManager) manager));
  }

  /**
   * The same as an object of its own, which outlives the manager of the loss until it is closed.
   */
  public Gradients take() {
    Gradients taken = new Gradients(loss, handOver());
    loss.detach();
    loss = null;
    return taken;
  }

  /** Hands the list over to a call that frees it; {@link #close} then frees only the loss. */
  IValue handOver() {
    if (list == null) {
      throw new IllegalStateException(
          "Expected gradients that no optimizer has used, found used ones. Compute them again.");
    }
    IValue handedOver = list;
    list = null;
    return handedOver;
  }

  @Override
  public void close() {
    if (loss != null) {
      loss.close();
    }
    if (list != null) {
      list.close();
    }
  }
}
