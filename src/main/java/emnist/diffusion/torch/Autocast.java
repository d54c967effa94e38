package emnist.diffusion.torch;

import ai.djl.ndarray.NDArray;
import ai.djl.pytorch.jni.JniUtils;
import java.util.IdentityHashMap;
import java.util.Map;

/**
 * Computes in mixed precision: {@code torch.autocast}.
 *
 * <p>Weights, norms and the loss stay float32; {@link MixedPrecision} says what does not. A
 * property of the thread, as {@link Autograd}'s. Without gradients, each weight is converted once
 * and kept until the computation ends, so its value must not change meanwhile.
 */
public final class Autocast {

  private static final ThreadLocal<Autocast> CURRENT =
      ThreadLocal.withInitial(() -> new Autocast(MixedPrecision.NO));

  /** What is computed; may throw. */
  @FunctionalInterface
  public interface Computation<T, E extends Exception> {
    T run() throws E;
  }

  private final MixedPrecision precision;
  private final Map<NDArray, NDArray> converted = new IdentityHashMap<>();

  private Autocast(MixedPrecision precision) {
    this.precision = precision;
  }

  /** Runs {@code computation} in the given precision. */
  public static <T, E extends Exception> T in(
      MixedPrecision precision, Computation<T, E> computation) throws E {
    Autocast before = CURRENT.get();
    Autocast inside = new Autocast(precision);
    CURRENT.set(inside);
    try {
      return computation.run();
    } finally {
      CURRENT.set(before);
      inside.converted.values().forEach(NDArray::close);
    }
  }

  /** The precision of this thread. */
  public static MixedPrecision current() {
    return CURRENT.get().precision;
  }

  /**
   * A weight for a function in bfloat16, which converts what is not: itself where its gradient is
   * wanted, else its copy of this computation.
   */
  public static NDArray weight(NDArray weight) {
    return JniUtils.isGradMode()
        ? weight
        : CURRENT.get().converted.computeIfAbsent(weight, Functional::toBfloat16);
  }
}
