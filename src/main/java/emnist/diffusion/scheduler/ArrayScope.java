package emnist.diffusion.scheduler;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;

/**
 * One calculation on arrays: every array made in the calling thread while it is open is freed when
 * it closes, except those kept.
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
   * A factor or bound for arrays of any device. PyTorch passes a scalar that lies in host memory
   * with the operation, while one made beside the arrays of a GPU would have to be copied there.
   */
  NDArray scalar(float value) {
    return onCpu.create(value);
  }

  /** Lets {@code result} live on in the manager of the sample. */
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
