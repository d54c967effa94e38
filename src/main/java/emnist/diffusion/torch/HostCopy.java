package emnist.diffusion.torch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;

/**
 * Reads arrays of any device. DJL's own way keeps a copy of what it reads from a GPU until the
 * array's manager is closed.
 */
public final class HostCopy {

  private HostCopy() {}

  /** The numbers of a float32 array in their order; waits for the device. */
  public static float[] of(NDArray array) {
    try (NDManager reading = array.getManager().newSubManager()) {
      NDArray copy = array.duplicate();
      copy.attach(reading);
      return copy.toFloatArray();
    }
  }
}
