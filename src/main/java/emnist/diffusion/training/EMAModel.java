package emnist.diffusion.training;

import ai.djl.ndarray.NDArray;
import emnist.diffusion.config.Json;
import emnist.diffusion.torch.Functional;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Exponential moving average of the weights: diffusers' {@code EMAModel}.
 *
 * <p>The averaged network generates better images than the one being trained (Song and Ermon 2020,
 * arXiv:2006.09011, section 3.4).
 */
public final class EMAModel {

  /**
   * Options for how the decay grows from 0 to its final value, with diffusers' names.
   *
   * @param decay largest decay, in {@code [0, 1]}
   * @param minDecay smallest decay once averaging has begun
   * @param updateAfterStep steps before averaging begins
   * @param useEmaWarmup whether the decay follows {@code 1 - (1 + step / invGamma)^-power} instead
   *     of {@code (1 + step) / (10 + step)}
   * @param invGamma time scale of that warm-up, in steps
   * @param power exponent of that warm-up
   */
  public record Config(
      double decay,
      double minDecay,
      long updateAfterStep,
      boolean useEmaWarmup,
      double invGamma,
      double power) {

    /** diffusers' defaults. */
    public static final Config DEFAULT =
        Json.read(
            """
            {
              "decay": 0.9999,
              "min_decay": 0,
              "update_after_step": 0,
              "use_ema_warmup": false,
              "inv_gamma": 1,
              "power": 0.6666666666666666
            }
            """,
            Config.class);

    public Config {
      if (!(decay >= 0 && decay <= 1) || !(minDecay >= 0 && minDecay <= 1)) {
        throw new IllegalArgumentException(
            "Expected decay and min_decay in [0, 1], found %s and %s. diffusers' defaults are 0.9999 and 0."
                .formatted(decay, minDecay));
      }
      if (updateAfterStep < 0 || !(invGamma > 0)) {
        throw new IllegalArgumentException(
            "Expected update_after_step >= 0 and inv_gamma > 0, found %s and %s. diffusers' defaults are 0 and 1."
                .formatted(updateAfterStep, invGamma));
      }
    }

    /**
     * Decay at an optimization step, counted from 1; 0 at the first step: diffusers' {@code
     * get_decay}.
     */
    public double decay(long optimizationStep) {
      long step = Math.max(0, optimizationStep - updateAfterStep - 1);
      if (step == 0) {
        return 0;
      }
      double current =
          useEmaWarmup ? 1 - Math.pow(1 + step / invGamma, -power) : (1.0 + step) / (10 + step);
      return Math.max(Math.min(current, decay), minDecay);
    }
  }

  private final Config config;
  private final Map<String, NDArray> shadow;
  private long optimizationStep;

  /**
   * Starts the average at the current values of {@code shadow}.
   *
   * @param shadow the averaged weights by name, which every step changes; must not be the trained
   *     ones
   */
  public EMAModel(Map<String, NDArray> shadow, Config config) {
    this.config = config;
    this.shadow = Collections.unmodifiableMap(new LinkedHashMap<>(shadow));
  }

  /** Moves the average towards the trained weights, which have the names of {@code shadow}. */
  public void step(Map<String, NDArray> parameters) {
    if (!parameters.keySet().containsAll(shadow.keySet())) {
      throw new IllegalArgumentException(
          "Expected the weights %s, found only %s. Pass those of the averaged network."
              .formatted(shadow.keySet(), parameters.keySet()));
    }
    optimizationStep++;
    List<NDArray> trained = shadow.keySet().stream().map(parameters::get).toList();
    Functional.lerpInPlace(
        List.copyOf(shadow.values()), trained, 1 - config.decay(optimizationStep));
  }

  /** Resumes after that many steps; the averaged weights must already be restored. */
  void resume(long steps) {
    optimizationStep = steps;
  }
}
