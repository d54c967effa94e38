package emnist.diffusion.torch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import java.util.function.Supplier;

/**
 * PyTorch's automatic differentiation.
 *
 * <p>Whether operations are recorded is a property of the thread, and notebook cells run on
 * changing threads; so every computation says which mode it needs.
 */
public final class Autograd {

  private Autograd() {}

  /** Runs {@code computation} without recording it: {@code with torch.no_grad()}. */
  public static <T> T noGrad(Supplier<T> computation) {
    return inMode(false, computation);
  }

  /** Runs {@code computation} and records it for {@link #backward}: {@code torch.enable_grad()}. */
  public static <T> T enableGrad(Supplier<T> computation) {
    return inMode(true, computation);
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

  /** Adds the gradient of the scalar {@code loss} to that of every array it was computed from. */
  public static void backward(NDArray loss) {
    try (NDManager manager = loss.getManager().newSubManager()) {
      PtNDArray one = (PtNDArray) manager.ones(loss.getShape());
      JniUtils.backward((PtNDArray) loss, one, false, false);
    }
  }

  /**
   * The gradient accumulated in a leaf array: {@code tensor.grad}, sharing its memory.
   *
   * @return an array owned by {@code manager}, or null if no backward pass has reached the leaf
   */
  public static NDArray gradient(NDArray leaf, NDManager manager) {
    NDArray gradient = JniUtils.getGradient((PtNDArray) leaf);
    if (gradient != null) {
      gradient.attach(manager);
    }
    return gradient;
  }
}
