package emnist.diffusion.torch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.IValue;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * {@code torch.optim.AdamW} with {@code clip_grad_norm_}, fused into one call per step. DJL's own
 * Adam makes several calls per weight, and its numbers differ from PyTorch's.
 *
 * <p>Decoupled weight decay as in Loshchilov and Hutter 2019 (arXiv:1711.05101, algorithm 2);
 * optionally AMSGrad (Reddi, Kale and Kumar 2018, arXiv:1904.09237).
 */
public final class AdamW implements AutoCloseable {

  /**
   * Hyperparameters, with PyTorch's names.
   *
   * @param beta1 decay of the running mean of the gradients, in {@code [0, 1)}
   * @param beta2 decay of the running mean of their squares, in {@code [0, 1)}
   * @param eps added to the square root of that mean
   * @param weightDecay a step shrinks each weight by this times the learning rate
   * @param amsgrad whether to divide by the largest mean square so far
   */
  public record Config(
      double beta1, double beta2, double eps, double weightDecay, boolean amsgrad) {

    /** PyTorch's defaults. */
    public static final Config DEFAULT = new Config(0.9, 0.999, 1e-8, 1e-2, false);

    public Config {
      if (!(beta1 >= 0 && beta1 < 1) || !(beta2 >= 0 && beta2 < 1)) {
        throw new IllegalArgumentException(
            "Expected betas in [0, 1), found %s and %s. PyTorch's defaults are 0.9 and 0.999."
                .formatted(beta1, beta2));
      }
      if (!(eps > 0) || !(weightDecay >= 0)) {
        throw new IllegalArgumentException(
            "Expected eps > 0 and weight decay >= 0, found %s and %s. PyTorch's defaults are 1e-8 and 1e-2."
                .formatted(eps, weightDecay));
      }
    }
  }

  private static final TorchFunction ADAMW =
      TorchFunction.of(
          "params: List[Tensor], grads: List[Tensor], exp_avgs: List[Tensor],"
              + " exp_avg_sqs: List[Tensor], max_exp_avg_sqs: List[Tensor], step, loss, guard,"
              + " lr: float, beta1: float, beta2: float, eps: float, weight_decay: float,"
              + " amsgrad: bool, max_grad_norm: float",
          "norm = torch.linalg_vector_norm(torch.stack(torch._foreach_norm(grads, 2)))",
          "found = torch.where(torch.isfinite(loss), norm, loss)",
          "torch.copy_(guard, torch.where(torch.isfinite(guard), found, guard))",
          "refused = torch.to(torch.logical_not(torch.isfinite(guard)), 6)",
          // The fused kernel divides by it as it reads, which saves a pass over the gradients.
          "scale = torch.clamp(torch.div(torch.add(norm, 1e-06), max_grad_norm), 1.)",
          "torch.add_(step, torch.rsub(refused, 1))",
          "steps = torch.mul([step], torch.len(params))",
          "torch._fused_adamw_(params, grads, exp_avgs, exp_avg_sqs, max_exp_avg_sqs, steps, lr=lr,"
              + " beta1=beta1, beta2=beta2, weight_decay=weight_decay, eps=eps, amsgrad=amsgrad,"
              + " maximize=False, grad_scale=scale, found_inf=refused)",
          "return norm");

  private final Config config;
  private final NDManager manager;
  private final Map<String, NDArray> state = new LinkedHashMap<>();
  private final NDArray step;
  private final List<NDArray> parameters;
  private final List<NDArray> expAvg;
  private final List<NDArray> expAvgSq;
  private final List<NDArray> maxExpAvgSq;

  /** The last gradient norm, or the first loss or norm that was not finite. */
  private final NDArray nonFiniteGuard;

  /**
   * Optimizes the {@code parameters} that require a gradient; its state is under {@code parent}.
   */
  public AdamW(NDManager parent, Map<String, NDArray> parameters, Config config) {
    this.config = config;
    this.manager = parent.newSubManager();
    Map<String, NDArray> trainable = new LinkedHashMap<>(parameters);
    trainable.values().removeIf(parameter -> !parameter.hasGradient());
    this.nonFiniteGuard = manager.zeros(new Shape());
    this.step = manager.zeros(new Shape());
    state.put("step", step);
    this.parameters = List.copyOf(trainable.values());
    this.expAvg = addState("exp_avg", trainable);
    this.expAvgSq = addState("exp_avg_sq", trainable);
    this.maxExpAvgSq = config.amsgrad() ? addState("max_exp_avg_sq", trainable) : List.of();
  }

  /** Adds an array of zeros for each weight. */
  private List<NDArray> addState(String name, Map<String, NDArray> weights) {
    Map<String, NDArray> zeros = new LinkedHashMap<>();
    weights.forEach((weight, w) -> zeros.put(name + "." + weight, manager.zeros(w.getShape())));
    state.putAll(zeros);
    return List.copyOf(zeros.values());
  }

  /** The trainable weights, in the order in which {@link #step} expects their gradients. */
  public List<NDArray> parameters() {
    return parameters;
  }

  /**
   * Clips the gradients to a global norm, updates the weights, and frees the gradients but not
   * their loss.
   *
   * <p>A loss or norm that is not finite blocks this and all later updates of weights and state,
   * until {@link #resetNonFiniteGuard}. The check runs on the device, so the host need not wait.
   *
   * @param gradients of {@link #parameters}
   * @param maxGradNorm largest global norm; infinite for no clipping
   * @return the norm before clipping, a scalar of {@code owner} that may still be computed
   */
  public NDArray step(NDManager owner, Gradients gradients, double lr, double maxGradNorm) {
    return ADAMW.applyInPlace(
        owner,
        TorchFunction.list(parameters),
        gradients.handOver(),
        TorchFunction.list(expAvg),
        TorchFunction.list(expAvgSq),
        TorchFunction.list(maxExpAvgSq),
        IValue.from((PtNDArray) step),
        IValue.from((PtNDArray) gradients.loss()),
        IValue.from((PtNDArray) nonFiniteGuard),
        IValue.from(lr),
        IValue.from(config.beta1()),
        IValue.from(config.beta2()),
        IValue.from(config.eps()),
        IValue.from(config.weightDecay()),
        IValue.from(config.amsgrad()),
        IValue.from(maxGradNorm));
  }

  /** Steps taken so far; waits for the device. */
  public long steps() {
    return (long) HostCopy.of(step)[0];
  }

  /** The last norm before clipping, or the first non-finite loss or norm; waits for the device. */
  public float lastNorm() {
    return HostCopy.of(nonFiniteGuard)[0];
  }

  /** Lets steps change the weights again, once weights and state have been replaced. */
  public void resetNonFiniteGuard() {
    nonFiniteGuard.set(new float[1]);
  }

  /** The state under PyTorch's names: {@code step}, {@code exp_avg.<weight>} and so on. */
  public Map<String, NDArray> stateDict() {
    return Collections.unmodifiableMap(state);
  }

  @Override
  public void close() {
    manager.close();
  }
}
