package emnist.diffusion.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import emnist.diffusion.data.EmnistDataset;
import emnist.diffusion.random.CounterRandom;
import emnist.diffusion.torch.ImageArrays;
import java.util.Arrays;

/**
 * A data set in the memory of the device, one byte per pixel.
 *
 * <p>Batches are made there: a step neither uploads anything nor waits for the host.
 */
public final class DeviceDataset implements AutoCloseable {

  /**
   * A batch on the device, under a manager of its own.
   *
   * @param index its place in the epoch, from 0
   * @param images float32 {@code (N, 1, H, W)} in {@code [-1, 1]}
   * @param labels int64 {@code (N)}
   */
  public record DeviceBatch(int index, NDArray images, NDArray labels) implements AutoCloseable {

    /** The manager of the batch, for what is made of it. */
    public NDManager manager() {
      return images.getManager();
    }

    /** Number of images; the last batch of an epoch holds what is left over. */
    public int size() {
      return (int) images.getShape().get(0);
    }

    /** Frees the batch with all that its manager owns. */
    @Override
    public void close() {
      manager().close();
    }
  }

  /** The images of one epoch, shuffled, with the labels to train with. */
  public final class Epoch implements AutoCloseable {

    private final NDManager epochManager = manager.newSubManager();
    private final NDArray order;
    private final NDArray labels;

    private Epoch(int[] order, long[] labels) {
      this.order = epochManager.create(order);
      this.labels = epochManager.create(labels);
    }

    public int batches() {
      return (data.size() + batchSize - 1) / batchSize;
    }

    /**
     * Batch {@code index}, counted from 0; under a manager of its own, which ends with the epoch.
     */
    public DeviceBatch batch(int index) {
      NDManager batch = epochManager.newSubManager();
      long from = (long) index * batchSize;
      NDIndex places =
          new NDIndex().addSliceDim(from, Math.min(from + batchSize, (long) data.size()));
      NDArray indices = order.get(places);
      indices.attach(batch);
      NDArray batchLabels = labels.get(places);
      batchLabels.attach(batch);
      return new DeviceBatch(index, ImageArrays.select(indices, pixels), batchLabels);
    }

    /** Frees the epoch with its batches. */
    @Override
    public void close() {
      epochManager.close();
    }
  }

  private final NDManager manager;
  private final EmnistDataset data;
  private final NDArray pixels;
  private final int batchSize;

  /**
   * Uploads the images.
   *
   * @param parent manager to keep them under; its device is theirs
   */
  public DeviceDataset(NDManager parent, EmnistDataset data, int batchSize) {
    this.batchSize = batchSize;
    this.data = data;
    this.manager = parent.newSubManager();
    Shape shape = new Shape(data.size(), 1, data.height(), data.width());
    this.pixels = manager.create(data.pixels(), shape, DataType.UINT8);
  }

  /**
   * The images in the order of an epoch, a function of (seed, epoch), some of them unconditional by
   * label dropout. Its upload is the last one before the epoch ends.
   *
   * @param labelDropout probability that an image has the null class in place of its own
   * @param nullClass the class that stands for none; may be null where the probability is 0
   */
  public Epoch epoch(long seed, int epoch, double labelDropout, Integer nullClass) {
    int[] order = data.order(seed, epoch);
    long[] labels = Arrays.stream(order).mapToLong(data::label).toArray();
    CounterRandom random = null;
    for (int place = 0; place < labels.length && labelDropout > 0; place++) {
      if (place % batchSize == 0) {
        random = new CounterRandom(seed, epoch, place / batchSize);
      }
      if (random.uniform(0, 1) < labelDropout) {
        labels[place] = nullClass;
      }
    }
    return new Epoch(order, labels);
  }

  @Override
  public void close() {
    manager.close();
  }
}
