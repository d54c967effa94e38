package emnist.diffusion.progress;

import java.time.Duration;
import java.util.Locale;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** A progress bar on the standard output, with the time used and the time left. */
public final class ProgressLine implements AutoCloseable {

  /** A longer line would wrap in a notebook. */
  private static final int COLUMNS = 80;

  private final ProgressBar bar;

  /**
   * Shows a bar.
   *
   * @param taskName text before the bar: what is being done
   * @param steps number of steps
   * @param done steps already done
   */
  public ProgressLine(String taskName, long steps, long done) {
    this.bar =
        new ProgressBarBuilder()
            .setTaskName(taskName)
            .setInitialMax(steps)
            .startsFrom(done, Duration.ZERO)
            .setStyle(ProgressBarStyle.ASCII)
            .setUpdateIntervalMillis(500)
            // Without this the bar stands still while no step is counted: while an epoch is scored.
            .continuousUpdate()
            // The default writes to the raw file descriptor, which does not reach a notebook.
            .setConsumer(new ConsoleProgressBarConsumer(System.out, COLUMNS))
            .build();
  }

  /** Counts one step. */
  public void step() {
    bar.step();
  }

  /**
   * Counts one step of training.
   *
   * @param epoch counted from 1
   * @param loss the newest; NaN where none is known yet, which is not shown
   */
  public void step(int epoch, double loss) {
    String known = Double.isNaN(loss) ? "" : String.format(Locale.ROOT, ", loss %.4f", loss);
    bar.setExtraMessage("epoch " + epoch + known);
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
