package emnist.diffusion.training;

import java.time.Duration;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** One progress bar for the whole run, with the loss, the speed and the time that is left. */
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
   * @param taskName what is being trained, in front of the bar
   * @param done batches that are done already
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
            // The default writes to the raw file descriptor, which a notebook does not see.
            .setConsumer(new ConsoleProgressBarConsumer(System.out, COLUMNS))
            .build();
  }

  /**
   * Counts one batch.
   *
   * @param currentEpoch counted from 1
   * @param images number of images in it
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

  /** Leaves the bar as it is; an interrupt that is pending stays so. */
  @Override
  public void close() {
    // The bar waits for its last drawing, and swallows an interrupt if that wait meets one.
    boolean interrupted = Thread.interrupted();
    bar.close();
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
