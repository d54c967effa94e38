package emnist.diffusion.training;

import java.time.Duration;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** The progress bar of a run, with loss, speed and remaining time. */
public final class ProgressLine implements AutoCloseable {

  private static final int COLUMNS = 120;
  private static final double NANOS_PER_SECOND = 1e9;

  private final ProgressBar bar;
  private final int numEpochs;
  private int epoch;
  private long epochStart;
  private long epochImages;

  /**
   * Shows a bar.
   *
   * @param taskName text before the bar: what is being trained
   * @param done batches already done
   */
  public ProgressLine(String taskName, int numEpochs, int batchesPerEpoch, long done) {
    this.numEpochs = numEpochs;
    this.bar =
        new ProgressBarBuilder()
            .setTaskName(taskName)
            .setInitialMax((long) numEpochs * batchesPerEpoch)
            .startsFrom(done, Duration.ZERO)
            .setStyle(ProgressBarStyle.ASCII)
            .setUpdateIntervalMillis(500)
            // The default writes to the raw file descriptor, which does not reach a notebook.
            .setConsumer(new ConsoleProgressBarConsumer(System.out, COLUMNS))
            .build();
  }

  /**
   * Counts one batch.
   *
   * @param currentEpoch counted from 1
   * @param images number of images in the batch
   */
  public void step(int currentEpoch, int images, double loss) {
    if (currentEpoch != epoch) {
      epoch = currentEpoch;
      epochStart = System.nanoTime();
      epochImages = 0;
    }
    epochImages += images;
    double seconds = (System.nanoTime() - epochStart) / NANOS_PER_SECOND;
    bar.setExtraMessage(
        "epoch %d/%d, loss %.4f, %.0f images/s"
            .formatted(epoch, numEpochs, loss, epochImages / seconds));
    bar.step();
  }

  /** Stops updating the bar; a pending interrupt stays pending. */
  @Override
  public void close() {
    // The bar waits for its last redraw, and swallows an interrupt that arrives during the wait.
    boolean interrupted = Thread.interrupted();
    bar.close();
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
