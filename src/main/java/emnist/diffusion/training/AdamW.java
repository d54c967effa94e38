package emnist.diffusion.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import emnist.diffusion.config.Json;
import emnist.diffusion.torch.FusedOptimizers;
import emnist.diffusion.torch.Gradients;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * {@code torch.optim.AdamW} with {@code clip_grad_norm_}: one call a step.
 *
 * <p>Decoupled weight decay as in Loshchilov and Hutter 2019 (arXiv:1711.05101, algorithm 2);
 * optionally AMSGrad (Reddi, Kale and Kumar 2018, arXiv:1904.09237).
 */
public final class AdamW implements AutoCloseable {

  /**
   * Hyperparameters, with PyTorch's names.
   *
   * @param beta1 decay of the mean of the gradients, in {@code [0, 1)}
   * @param beta2 decay of the mean of their squares, in {@code [0, 1)}
   * @param eps added to the root of the mean square
   * @param weightDecay fraction of a weight lost per step, times the learning rate
   * @param amsgrad whether the largest mean square so far is used
   */
  public record Config(
      double beta1, double beta2, double eps, double weightDecay, boolean amsgrad) {

    /** PyTorch's defaults. */
    public static final Config DEFAULT =
        Json.read(
            """
            {"beta1": 0.9, "beta2": 0.999, "eps": 1e-8, "weight_decay": 0.01, "amsgrad": false}
            """,
            Config.class);

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

  private final Config config;
  private final NDManager manager;
  private final List<NDArray> parameters;
  private final Map<String, NDArray> expAvg;
  private final Map<String, NDArray> expAvgSq;
  private final Map<String, NDArray> maxExpAvgSq;
  private final NDArray step;
  private final NDArray guard;

  /**
   * Creates the optimizer of the trainable ones among {@code parameters}.
   *
   * @param parent manager to keep the state under
   */
  public AdamW(NDManager parent, Map<String, NDArray> parameters, Config config) {
    this.config = config;
    this.manager = parent.newSubManager();
    Map<String, NDArray> trainable = new LinkedHashMap<>(parameters);
    trainable.values().removeIf(parameter -> !parameter.hasGradient());
    this.parameters = List.copyOf(trainable.values());
    this.expAvg = zerosLike(trainable);
    this.expAvgSq = zerosLike(trainable);
    this.maxExpAvgSq = config.amsgrad() ? zerosLike(trainable) : Map.of();
    this.step = manager.zeros(new Shape());
    this.guard = manager.zeros(new Shape());
  }

  private Map<String, NDArray> zerosLike(Map<String, NDArray> like) {
    Map<String, NDArray> zeros = new LinkedHashMap<>();
    like.forEach((name, array) -> zeros.put(name, manager.zeros(array.getShape())));
    return zeros;
  }

  /** The trainable weights, in the order in which {@link #step} expects their gradients. */
  public List<NDArray> parameters() {
    return parameters;
  }

  /**
   * Clips the gradients, updates the weights and frees the gradients, but not their loss; changes
   * nothing from the first loss or gradient on that is not finite.
   *
   * @param owner manager of the result
   * @param gradients of {@link #parameters}
   * @param lr learning rate of this step
   * @param maxGradNorm global norm to clip to; infinite for no clipping
   * @return the global norm before clipping, a scalar on the device
   */
  public NDArray step(NDManager owner, Gradients gradients, double lr, double maxGradNorm) {
    return FusedOptimizers.adamW(
        owner,
        parameters,
        gradients,
        List.copyOf(expAvg.values()),
        List.copyOf(expAvgSq.values()),
        List.copyOf(maxExpAvgSq.values()),
        step,
        guard,
        lr,
        config.beta1(),
        config.beta2(),
        config.eps(),
        config.weightDecay(),
        maxGradNorm);
  }

  /** Steps taken so far; waits for the device. */
  public long steps() {
    return (long) step.getFloat();
  }

  /**
   * The last gradient norm before clipping, or the first loss or norm that was not finite; waits
   * for the device.
   */
  public float lastNorm() {
    return guard.getFloat();
  }

  /** Goes on after a loss or gradient that was not finite, now that the state is another. */
  void resetNonFiniteGuard() {
    guard.set(new float[1]);
  }

  /** The state by PyTorch's names: {@code step}, {@code exp_avg.<weight>} and so on. */
  public Map<String, NDArray> stateDict() {
    Map<String, NDArray> state = new LinkedHashMap<>();
    state.put("step", step);
    expAvg.forEach((name, array) -> state.put("exp_avg." + name, array));
    expAvgSq.forEach((name, array) -> state.put("exp_avg_sq." + name, array));
    maxExpAvgSq.forEach((name, array) -> state.put("max_exp_avg_sq." + name, array));
    return state;
  }

  /** Frees the state. */
  @Override
  public void close() {
    manager.close();
  }
}
