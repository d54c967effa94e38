package emnist.diffusion.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import emnist.diffusion.data.EmnistDataset;
import emnist.diffusion.torch.ImageArrays;

/**
 * A data set in the memory of the device, one byte per pixel.
 *
 * <p>Batches are made there: a step neither uploads anything nor waits for the host, and nothing
 * has to be fetched ahead.
 */
final class DeviceDataset implements AutoCloseable {

  /**
   * A batch on the device.
   *
   * @param images float32 {@code (N, 1, H, W)} in {@code [-1, 1]}
   * @param labels int64 {@code (N)}
   */
  record DeviceBatch(NDArray images, NDArray labels) {}

  /** An epoch's images in the order of the epoch, with the labels to show. */
  final class Epoch implements AutoCloseable {

    private final NDArray order;
    private final NDArray labelsWithDropout;

    private Epoch(int[] order, long[] labelsWithDropout) {
      this.order = manager.create(order);
      this.labelsWithDropout = manager.create(labelsWithDropout);
    }

    /** Number of images in batch {@code index}; the last one holds what is left over. */
    int size(int index) {
      return (int) Math.min(batchSize, order.size() - (long) index * batchSize);
    }

    /** Batch {@code index}, owned by {@code step}. */
    DeviceBatch batch(NDManager step, int index) {
      long from = (long) index * batchSize;
      NDIndex places = new NDIndex().addSliceDim(from, from + size(index));
      NDArray indices = order.get(places);
      indices.attach(step);
      NDArray labels = labelsWithDropout.get(places);
      labels.attach(step);
      return new DeviceBatch(ImageArrays.select(indices, pixels), labels);
    }

    @Override
    public void close() {
      order.close();
      labelsWithDropout.close();
    }
  }

  private final NDManager manager;
  private final NDArray pixels;
  private final int batchSize;

  /**
   * Uploads the images.
   *
   * @param parent manager to keep them under; its device is theirs
   */
  DeviceDataset(NDManager parent, EmnistDataset data, int batchSize) {
    this.batchSize = batchSize;
    this.manager = parent.newSubManager();
    this.pixels =
        ImageArrays.ofBytes(manager, data.pixels(), data.size(), data.height(), data.width());
  }

  /**
   * Uploads the order of an epoch, the last upload before it ends.
   *
   * @param order indices of images
   * @param labelsWithDropout the class to show with each of them
   */
  Epoch epoch(int[] order, long[] labelsWithDropout) {
    return new Epoch(order, labelsWithDropout);
  }

  @Override
  public void close() {
    manager.close();
  }
}
