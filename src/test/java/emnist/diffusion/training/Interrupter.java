package emnist.diffusion.training;

import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Interrupts the thread that made it a while after it was told to, and never once it is closed. */
final class Interrupter implements AutoCloseable {

  private final Thread interrupted = Thread.currentThread();
  private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();

  void after(int milliseconds) {
    timer.schedule(interrupted::interrupt, milliseconds, TimeUnit.MILLISECONDS);
  }

  @Override
  public void close() {
    timer.shutdownNow();
    while (!timer.isTerminated()) {
      Thread.onSpinWait();
    }
    Thread.interrupted();
  }
}
