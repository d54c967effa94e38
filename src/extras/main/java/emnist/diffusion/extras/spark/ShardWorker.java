package emnist.diffusion.extras.spark;

import ai.djl.ndarray.NDManager;
import emnist.diffusion.extras.shards.SampleFolder;
import emnist.diffusion.extras.shards.ShardWriter;
import java.io.IOException;
import java.io.Serializable;

/** Loads a {@link ShardWriter} on the machine that will write the shards; Spark sends it there. */
@FunctionalInterface
public interface ShardWorker extends Serializable {

  /**
   * Loads network and extractor.
   *
   * @param manager to load them under; closed when the worker's shards are written
   * @param folder where the shards belong
   */
  ShardWriter open(NDManager manager, SampleFolder folder) throws IOException, InterruptedException;
}
