package emnist.diffusion.torch;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;

/**
 * Whether convolutions on this CPU are right.
 *
 * <p>oneDNN, which computes them for PyTorch, plans its kernels by the sizes of the CPU's caches.
 * In a virtual machine that hides these sizes, oneDNN 3.7 (PyTorch 2.7) fills part of the weights
 * with zeros and returns wrong numbers without a word. Its kernels for SSE 4.1 are right there.
 */
public final class ConvolutionCheck {

  /** More than one of oneDNN's blocks of 8 or 16 channels, and not a multiple of either. */
  private static final int CHANNELS = 20;

  private static final int TAPS = 9;

  /** Computed at the first use. */
  private static final class Sum {
    static final float FOUND = sumOfOnes();
  }

  private ConvolutionCheck() {}

  /**
   * Refuses to compute where convolutions are wrong.
   *
   * @throws IllegalStateException if they are
   */
  public static void require() {
    if (!isRight()) {
      throw new IllegalStateException(
          "Expected %d as the sum of a convolution over ones, found %s: oneDNN computes wrong numbers on this CPU. Set the environment variable DNNL_MAX_CPU_ISA to SSE41 before Java starts, as make does by itself."
              .formatted(CHANNELS * TAPS, Sum.FOUND));
    }
  }

  private static boolean isRight() {
    return Sum.FOUND == CHANNELS * TAPS;
  }

  private static float sumOfOnes() {
    try (NDManager manager = NDManager.newBaseManager(Device.cpu())) {
      // Of a single image PyTorch computes the convolution without oneDNN.
      NDArray images = manager.ones(new Shape(2, CHANNELS, 3, 3));
      NDArray weight = manager.ones(new Shape(1, CHANNELS, 3, 3));
      NDArray bias = manager.zeros(new Shape(1));
      return Autograd.noGrad(() -> Functional.conv2d(images, weight, bias, 1, 1))
          .getFloat(1, 0, 1, 1);
    }
  }

  /** Ends with status 0 where convolutions are right, and with 1 where they are wrong. */
  public static void main(String[] arguments) {
    System.exit(isRight() ? 0 : 1);
  }
}
