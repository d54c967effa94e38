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
 * The gradient of a loss with respect to a list of weights: {@code torch.autograd.grad}.
 *
 * <p>Goes with the loss itself. A value of its own and not a field of each weight: nothing has to
 * be zeroed, and between a step and the next backward pass no memory is held. It stays on the
 * device and is handed to the optimizer as one object.
 */
public final class Gradients implements AutoCloseable {

  private static final TorchFunction GRAD =
      TorchFunction.of(
          "loss: Tensor, weights: List[Tensor], scale: float",
          "List[Tensor]",
          "scales = annotate(List[Optional[Tensor]], [torch.full_like(loss, scale)])",
          "gradients = annotate(List[Tensor], [])",
          "for gradient in torch.grad([loss], weights, scales):",
          "  _0 = torch.append(gradients, unchecked_cast(Tensor, gradient))",
          "return gradients");

  private static final TorchFunction ADD =
      TorchFunction.of(
          "gradients: List[Tensor], others: List[Tensor]",
          "List[Tensor]",
          "torch._foreach_add_(gradients, others)",
          "return gradients");

  /** What autograd says of a loss that these weights are no part of, or no more. */
  private static final Pattern OTHER_LOSS =
      Pattern.compile("does not require grad|not have been used in the graph|through the graph");

  private final NDArray loss;
  private IValue list;

  private Gradients(NDArray loss, IValue list) {
    this.loss = loss;
    this.list = list;
  }

  /**
   * Runs backpropagation, which frees what the forward pass kept for it.
   *
   * @param loss a scalar, computed from every one of the weights while gradients were recorded
   * @param weights leaf arrays that require a gradient
   * @throws IllegalArgumentException if a weight has no part in the loss
   * @throws EngineException if memory runs out
   */
  public static Gradients of(NDArray loss, List<NDArray> weights) {
    return of(loss, weights, 1);
  }

  /** As {@link #of(NDArray, List)}, of {@code scale} times the loss. */
  public static Gradients of(NDArray loss, List<NDArray> weights, double scale) {
    try {
      IValue list =
          GRAD.call(IValue.from((PtNDArray) loss), TorchFunction.list(weights), IValue.from(scale));
      NDArray value = loss.stopGradient();
      value.detach(); // from the manager of the step, which ends before an update does
      return new Gradients(value, list);
    } catch (EngineException e) {
      String reason = EngineErrors.reason(e);
      if (!OTHER_LOSS.matcher(reason).find()) {
        throw e;
      }
      throw new IllegalArgumentException(
          "Expected a loss computed from every weight with gradients recorded, found another (%s). Compute it within Autograd.enableGrad, once for each backward pass."
              .formatted(reason),
          e);
    }
  }

  /** Adds the gradients of another loss of the same weights, and that loss, and frees those. */
  public void add(Gradients others) {
    try (others) {
      loss.addi(others.loss);
      list = ADD.call(list, others.handOver());
    }
  }

  /** The loss, or the sum of those added, whatever the scale; a scalar, freed with this. */
  public NDArray loss() {
    return loss;
  }

  /** The gradients as arrays in the order of the weights, sharing memory, owned by the manager. */
  public List<NDArray> toList(NDManager manager) {
    return List.of(list.toTensorArray((PtNDManager) manager));
  }

  /** The list, for a call that frees it; closing this then frees nothing. */
  IValue handOver() {
    IValue handedOver = list;
    list = null;
    return handedOver;
  }

  @Override
  public void close() {
    loss.close();
    if (list != null) {
      list.close();
    }
  }
}
