package emnist.diffusion.data;

import java.util.Arrays;
import java.util.Iterator;
import java.util.stream.IntStream;

/**
 * One epoch of a data set in shuffled batches, prepared ahead on a thread of their own.
 *
 * <p>The order is a function of (seed, epoch) alone: a run that resumes at epoch 17 sees what an
 * uninterrupted run sees. The last batch holds what is left over. Like a {@link
 * java.nio.file.DirectoryStream} it is walked once and closed afterwards:
 *
 * <pre>{@code
 * try (Batches batches = dataset.batches(64, seed, epoch)) {
 *   for (Batch batch : batches) { ... }
 * }
 * }</pre>
 */
public final class Batches implements Iterable<Batch>, AutoCloseable {

  private static final int AHEAD = 2;

  private final int count;
  private final Prefetch<Batch> prefetch;
  private boolean walked;

  Batches(EmnistDataset dataset, int batchSize, long seed, int epoch) {
    if (batchSize < 1) {
      throw new IllegalArgumentException(
          "Expected a batch size of at least 1, found %d. Pass a positive number."
              .formatted(batchSize));
    }
    count = (dataset.size() + batchSize - 1) / batchSize;
    int[] order = dataset.order(seed, epoch);
    Iterator<Batch> source =
        IntStream.range(0, count)
            .mapToObj(
                b ->
                    dataset.batch(
                        Arrays.copyOfRange(
                            order, b * batchSize, Math.min(dataset.size(), (b + 1) * batchSize))))
            .iterator();
    prefetch = new Prefetch<>("batches of epoch " + epoch, AHEAD, source);
  }

  /** Number of batches, the partial last one included. */
  public int count() {
    return count;
  }

  /**
   * The batches, once.
   *
   * @throws IllegalStateException on a second call
   */
  @Override
  public Iterator<Batch> iterator() {
    if (walked) {
      throw new IllegalStateException(
          "Expected one walk through the batches, found a second. Call dataset.batches(...) again.");
    }
    walked = true;
    return prefetch;
  }

  /** Ends the preparing thread; batches that were not taken are dropped. */
  @Override
  public void close() {
    prefetch.close();
  }
}
