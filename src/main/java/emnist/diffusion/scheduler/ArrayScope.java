package emnist.diffusion.scheduler;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;

/**
 * Frees the temporary arrays of one calculation. Closing it frees every array that this thread has
 * created since it was opened, except those passed to {@link #keep}.
 */
final class ArrayScope implements AutoCloseable {

  private final NDScope arrays = new NDScope();
  private final NDManager onCpu;
  private final NDManager owner;

  ArrayScope(NDArray sample) {
    onCpu = sample.getManager().newSubManager(Device.cpu());
    owner = sample.getManager();
  }

  /**
   * A scalar to combine with arrays on any device. It stays in host memory, where PyTorch passes it
   * along with the operation; on a GPU it would have to be copied first.
   */
  NDArray scalar(float value) {
    return onCpu.create(value);
  }

  /** The array times a number, as a new array. */
  NDArray scaled(NDArray array, float factor) {
    return array.mul(scalar(factor));
  }

  /** Keeps {@code result} alive in the manager of the sample. */
  NDArray keep(NDArray result) {
    NDScope.unregister(result);
    result.attach(owner);
    return result;
  }

  @Override
  public void close() {
    arrays.close();
    onCpu.close();
  }
}
