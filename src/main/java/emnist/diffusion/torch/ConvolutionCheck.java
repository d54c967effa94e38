package emnist.diffusion.torch;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;

/**
 * Checks that PyTorch computes correct convolutions on this CPU.
 *
 * <p>In a virtual machine that hides the sizes of the CPU's caches, oneDNN 3.7 (PyTorch 2.7) fills
 * part of the weights with zeros and silently returns wrong numbers. Its SSE 4.1 kernels are
 * correct.
 */
public final class ConvolutionCheck {

  /** More than one of oneDNN's blocks of 8 or 16 channels, but no multiple of either. */
  private static final int CHANNELS = 20;

  private static final int TAPS = 9;

  private static final float FOUND = sumOfOnes();

  private ConvolutionCheck() {}

  /** Throws an {@link IllegalStateException} if convolutions are wrong on this CPU. */
  public static void require() {
    if (FOUND != CHANNELS * TAPS) {
      throw new IllegalStateException(
          "Expected %s as the sum of a convolution over ones, found %s: oneDNN computes wrong numbers on this CPU. Set the environment variable DNNL_MAX_CPU_ISA to SSE41 before Java starts; make does this automatically."
              .formatted(CHANNELS * TAPS, FOUND));
    }
  }

  private static float sumOfOnes() {
    try (NDManager manager = NDManager.newBaseManager(Device.cpu())) {
      // Two images, because PyTorch does not use oneDNN for one.
      NDArray images = manager.ones(new Shape(2, CHANNELS, 3, 3));
      NDArray weight = manager.ones(new Shape(1, CHANNELS, 3, 3));
      NDArray bias = manager.zeros(new Shape(1));
      return Autograd.noGrad(() -> Functional.conv2d(images, weight, bias, 1, 1))
          .getFloat(1, 0, 1, 1);
    }
  }

  /** Exits with status 0 if convolutions are correct, else with 1. */
  public static void main(String[] arguments) {
    System.exit(FOUND == CHANNELS * TAPS ? 0 : 1);
  }
}
