package emnist.diffusion.torch;

import ai.djl.ndarray.NDArray;
import java.util.IdentityHashMap;
import java.util.Map;

/**
 * Computes in mixed precision: {@code torch.autocast}.
 *
 * <p>Linear layers, convolutions and attention compute in the given {@link MixedPrecision};
 * weights, norms and the loss stay float32. The precision belongs to the thread, like the mode of
 * {@link Autograd}. Without gradients, each weight is converted once and its copy is kept until the
 * computation ends, so the weight must not change before that.
 */
public final class Autocast {

  private static final TorchFunction TO_BFLOAT16 = TorchFunction.of("x", "return torch.to(x, 15)");
  private static final Bfloat16Check CHECK = Bfloat16Check.ofThisMachine();
  private static final ThreadLocal<Autocast> CURRENT =
      ThreadLocal.withInitial(() -> new Autocast(MixedPrecision.NO));

  /** A computation that may throw. */
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

  /** The weight itself if gradients are recorded, else the bfloat16 copy that is kept for it. */
  public static NDArray weight(NDArray weight) {
    CHECK.before(weight.getDevice());
    return Autograd.isEnabled()
        ? weight
        : CURRENT.get().converted.computeIfAbsent(weight, TO_BFLOAT16::apply);
  }
}
