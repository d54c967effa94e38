package emnist.kernel;

import java.util.concurrent.Callable;
import java.util.concurrent.ForkJoinWorkerThread;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * One run of a cell, and what an interrupt does to it.
 *
 * <ol>
 *   <li>The thread is interrupted. Sleeping, training and sampling end by that.
 *   <li>Half a second later the cell's own code stops at its next {@link StopCheck}. Code that has
 *       dealt with the interrupt by then has a second more, and so has a {@code finally} block.
 *   <li>A call that heeds neither is left behind on its thread; see {@link InterruptWatch}.
 * </ol>
 *
 * <p>More interrupts of the same run do nothing, so that they cannot harm what the first began.
 */
final class CellRun {

  private static final long HANDLER_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final ThreadLocal<CellRun> CURRENT = new ThreadLocal<>();

  /** Whether the cell waits for parallel work of its own, which then has to stop, too. */
  private static volatile boolean stopsWorkers;

  private final Consumer<CellException> whenLeft;
  private Thread thread;
  private boolean inCode;
  private boolean requested;
  private boolean delivered;
  private boolean ended;

  /** Whether the code stops at its checks. */
  private boolean due;

  /** Whether it does so even after it dealt with the interrupt. */
  private boolean overdue;

  /** Since when the cell's code has been at work after it dealt with the interrupt; 0 if not. */
  private long handledSince;

  private boolean unwinding;

  /**
   * @param whenLeft called when the thread is left behind, with the error that says so
   */
  CellRun(Consumer<CellException> whenLeft) {
    this.whenLeft = whenLeft;
  }

  /** The run on this thread, or null. */
  static CellRun current() {
    return CURRENT.get();
  }

  /**
   * Runs code of the cell on this thread.
   *
   * @throws CellStopped if the run was interrupted before
   */
  static <T> T runCode(Callable<T> code) throws Exception {
    CellRun run = CURRENT.get();
    if (run == null) { // on a thread that a cell started
      return code.call();
    }
    if (run.isStopped()) {
      throw new CellStopped();
    }
    run.enterCode();
    try {
      return code.call();
    } catch (Throwable e) {
      if (CellStopped.caused(e)) {
        run.stop();
        throw new CellStopped();
      }
      throw e;
    } finally {
      run.leaveCode();
    }
  }

  synchronized void start() {
    thread = Thread.currentThread();
    CURRENT.set(this);
  }

  synchronized void end() {
    CURRENT.remove();
    ended = true;
    notifyAll();
  }

  synchronized void interrupt() {
    if (requested) {
      return;
    }
    requested = true;
    if (inCode) {
      deliver();
    }
    InterruptWatch.start(this);
  }

  /** Whether the rest of the cell must not run. */
  synchronized boolean isStopped() {
    return requested && !delivered;
  }

  /**
   * Marks that the cell's own code starts or resumes. Only then is its thread interrupted: an
   * interrupt would close the compiler's jars for good.
   */
  synchronized void enterCode() {
    inCode = true;
    if (isStopped()) {
      deliver();
    }
  }

  /** Marks that the cell's own code ends or pauses. */
  synchronized void leaveCode() {
    inCode = false;
    if (Thread.interrupted()) {
      stop();
    }
  }

  /** Stops the rest of the cell. */
  synchronized void stop() {
    delivered = false;
  }

  /** Waits for the end and returns whether it came. */
  boolean awaitEnd(long millis) {
    try {
      synchronized (this) {
        if (!ended) {
          wait(millis);
        }
        return ended;
      }
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** What the cell's code is doing; empty while the compiler works. */
  synchronized StackTraceElement[] stack() {
    return inCode && !ended ? thread.getStackTrace() : new StackTraceElement[0];
  }

  /** Whether the cell's code was stopped by an error, and may be in a {@code finally} block. */
  synchronized boolean isUnwinding() {
    return unwinding;
  }

  /** Lets the cell's code stop at its checks; see {@link StopCheck#arm}. */
  synchronized void letStop() {
    due = true;
  }

  /** Interrupts a thread again that had its time and still waits for something. */
  synchronized void wake() {
    overdue = true;
    Thread.State state = thread.getState();
    if (inCode
        && !ended
        && (state == Thread.State.WAITING || state == Thread.State.TIMED_WAITING)) {
      thread.interrupt();
    }
  }

  static void stopWorkers(boolean stop) {
    stopsWorkers = stop;
  }

  void leaveBehind(CellException error) {
    stop();
    whenLeft.accept(error);
  }

  private void deliver() {
    delivered = true;
    thread.interrupt();
  }

  /** Throws if the code on this thread belongs to a run that is to stop. */
  static void stopIfDue() {
    CellRun run = CURRENT.get();
    if (run != null) {
      run.stopHere();
    } else if (stopsWorkers && Thread.currentThread() instanceof ForkJoinWorkerThread) {
      throw new CellStopped();
    }
  }

  private void stopHere() {
    synchronized (this) {
      if (!due || !Thread.currentThread().isInterrupted() && !isHandlerLate()) {
        return;
      }
      // The error tells what the flag told. Blocks that close files work only without the flag.
      Thread.interrupted();
      handledSince = 0;
      overdue = false;
      unwinding = true;
    }
    if (InterruptWatch.isWaitedFor(Thread.currentThread().getStackTrace())) {
      // Code of the project that called back into the cell expects this and saves its state.
      CellRun.<RuntimeException>throwUnchecked(
          new InterruptedException("The cell was interrupted."));
    }
    throw new CellStopped();
  }

  private boolean isHandlerLate() {
    long now = System.nanoTime();
    handledSince = handledSince == 0 ? now : handledSince;
    return overdue || now - handledSince > HANDLER_NANOS;
  }

  @SuppressWarnings("unchecked")
  private static <E extends Throwable> void throwUnchecked(Throwable e) throws E {
    throw (E) e;
  }
}
