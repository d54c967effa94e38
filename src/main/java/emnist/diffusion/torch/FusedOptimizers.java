package emnist.diffusion.torch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.IValue;
import java.util.List;

/**
 * Updates of whole lists of weights, each one call whatever the number of weights.
 *
 * <p>DJL's own optimizers make several calls per weight and their Adam differs from PyTorch's;
 * these are PyTorch's fused and multi-tensor kernels.
 */
public final class FusedOptimizers {

  private static final TorchFunction ADAMW =
      TorchFunction.of(
          "params: List[Tensor], grads: List[Tensor], exp_avgs: List[Tensor],"
              + " exp_avg_sqs: List[Tensor], max_exp_avg_sqs: List[Tensor], step: Tensor,"
              + " loss: Tensor, guard: Tensor,"
              + " lr: float, beta1: float, beta2: float, eps: float, weight_decay: float,"
              + " amsgrad: bool, max_grad_norm: float",
          "Tensor",
          "norm = torch.linalg_vector_norm(torch.stack(torch._foreach_norm(grads, 2)))",
          "found = torch.where(torch.isfinite(loss), norm, loss)",
          "torch.copy_(guard, torch.where(torch.isfinite(guard), found, guard))",
          "refused = torch.to(torch.logical_not(torch.isfinite(guard)), 6)",
          // The kernel divides by it while it reads: no pass of its own over the gradients.
          "scale = torch.clamp(torch.div(torch.add(norm, 1e-06), max_grad_norm), 1.)",
          "torch.add_(step, torch.rsub(refused, 1))",
          "steps = torch.mul([step], torch.len(params))",
          "torch._fused_adamw_(params, grads, exp_avgs, exp_avg_sqs, max_exp_avg_sqs, steps, lr=lr,"
              + " beta1=beta1, beta2=beta2, weight_decay=weight_decay, eps=eps, amsgrad=amsgrad,"
              + " maximize=False, grad_scale=scale, found_inf=refused)",
          "return norm");

  private static final TorchFunction LERP =
      TorchFunction.of(
          "shadow: List[Tensor], params: List[Tensor], weight: float",
          "Tensor",
          "torch._foreach_lerp_(shadow, params, weight)",
          "return shadow[0]");

  private FusedOptimizers() {}

  /**
   * Clips the gradients to a global norm, applies AdamW (Loshchilov and Hutter 2019,
   * arXiv:1711.05101, algorithm 2) as {@code torch.optim.AdamW} does, and frees the gradients.
   *
   * <p>Once the loss or the norm is not finite, this and all later calls leave everything as it is.
   * Nobody has to wait for the device for that.
   *
   * @param manager owner of the result
   * @param maxExpAvgSqs the running maxima of AMSGrad; empty for plain AdamW
   * @param step float32 scalar, the number of steps taken; incremented
   * @param guard float32 scalar, finite at first: the last gradient norm, or the first loss or norm
   *     that was not finite; overwritten
   * @param maxGradNorm the norm to clip to; infinite for no clipping
   * @return the global gradient norm before clipping, a scalar that has not been waited for
   */
  public static NDArray adamW(
      NDManager manager,
      List<NDArray> params,
      Gradients gradients,
      List<NDArray> expAvgs,
      List<NDArray> expAvgSqs,
      List<NDArray> maxExpAvgSqs,
      NDArray step,
      NDArray guard,
      double lr,
      double beta1,
      double beta2,
      double eps,
      double weightDecay,
      double maxGradNorm) {
    return ADAMW.applyInPlace(
        manager,
        TorchFunction.list(params),
        gradients.handOver(),
        TorchFunction.list(expAvgs),
        TorchFunction.list(expAvgSqs),
        TorchFunction.list(maxExpAvgSqs),
        IValue.from((PtNDArray) step),
        IValue.from((PtNDArray) gradients.loss()),
        IValue.from((PtNDArray) guard),
        IValue.from(lr),
        IValue.from(beta1),
        IValue.from(beta2),
        IValue.from(eps),
        IValue.from(weightDecay),
        IValue.from(!maxExpAvgSqs.isEmpty()),
        IValue.from(maxGradNorm));
  }

  /** {@code shadow += weight (params - shadow)} for every pair, in place. */
  public static void lerp(List<NDArray> shadow, List<NDArray> params, double weight) {
    LERP.applyInPlace(
            shadow.get(0).getManager(),
            TorchFunction.list(shadow),
            TorchFunction.list(params),
            IValue.from(weight))
        .close();
  }
}
