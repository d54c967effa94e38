package emnist.diffusion.torch;

/**
 * Computes in mixed precision: {@code torch.autocast}.
 *
 * <p>Weights, norms, sums over pixels and the loss stay float32; {@link MixedPrecision} says what
 * does not. A property of the thread, as {@link Autograd}'s.
 */
public final class Autocast {

  private static final ThreadLocal<MixedPrecision> CURRENT =
      ThreadLocal.withInitial(() -> MixedPrecision.NO);

  /** What is computed; may throw. */
  @FunctionalInterface
  public interface Computation<T, E extends Exception> {
    T run() throws E;
  }

  private Autocast() {}

  /** Runs {@code computation} in the given precision. */
  public static <T, E extends Exception> T in(
      MixedPrecision precision, Computation<T, E> computation) throws E {
    MixedPrecision before = CURRENT.get();
    CURRENT.set(precision);
    try {
      return computation.run();
    } finally {
      CURRENT.set(before);
    }
  }

  /** The precision of this thread. */
  public static MixedPrecision current() {
    return CURRENT.get();
  }
}
