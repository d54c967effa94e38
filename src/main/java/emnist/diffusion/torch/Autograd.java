package emnist.diffusion.torch;

import ai.djl.pytorch.jni.JniUtils;
import java.util.function.Supplier;

/**
 * PyTorch's automatic differentiation.
 *
 * <p>PyTorch records operations per thread, and notebook cells may run on different threads, so
 * every computation states its mode.
 */
public final class Autograd {

  private Autograd() {}

  /** Runs {@code computation} without recording it: {@code with torch.no_grad()}. */
  public static <T> T noGrad(Supplier<T> computation) {
    return inMode(false, computation);
  }

  /** Runs {@code computation} and records it for {@link Gradients}: {@code torch.enable_grad()}. */
  public static <T> T enableGrad(Supplier<T> computation) {
    return inMode(true, computation);
  }

  /** Whether this thread records operations. */
  public static boolean isEnabled() {
    return JniUtils.isGradMode();
  }

  private static <T> T inMode(boolean record, Supplier<T> computation) {
    boolean before = JniUtils.isGradMode();
    JniUtils.setGradMode(record);
    try {
      return computation.get();
    } finally {
      JniUtils.setGradMode(before);
    }
  }
}
