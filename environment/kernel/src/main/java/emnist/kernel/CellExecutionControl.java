package emnist.kernel;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import jdk.jshell.execution.LocalExecutionControl;

/**
 * Runs every snippet of every cell on the one thread that evaluates cells, in this JVM.
 *
 * <p>One thread for all cells keeps thread-local state, such as a library's gradient mode, from one
 * cell to the next. Values stay objects, so that they can be drawn, instead of becoming text.
 */
final class CellExecutionControl extends LocalExecutionControl {

  /** Java 20 took Thread.stop() away and made JShell put stop checks into the cells' loops. */
  private static final boolean HAS_STOP_CHECKS = Runtime.version().feature() >= 20;

  private static final Method ARM = armMethod();

  private Thread cellThread;
  private boolean interrupted;
  private Object value;

  /** What the last snippet returned, or null; forgets it, so that a large value can be freed. */
  Object takeValue() {
    Object taken = value;
    value = null;
    return taken;
  }

  /**
   * Asks the running cell to stop.
   *
   * <p>The first request interrupts the thread. A second one, while the same snippet still runs,
   * uses JShell's own way, which ends loops in the cell's code that never look at the interrupt.
   */
  synchronized void interrupt() throws EngineTerminationException, InternalException {
    if (interrupted && cellThread != null) {
      stop();
    } else {
      interrupted = true;
      // Only while the cell's own code runs: an interrupted compiler closes its jar files for good.
      if (cellThread != null) {
        cellThread.interrupt();
      }
    }
  }

  /** Whether the cell was asked to stop since the last call, and its code did not deal with it. */
  synchronized boolean takeInterrupted() {
    boolean taken = interrupted;
    interrupted = false;
    return taken;
  }

  @Override
  protected String invoke(Method snippet) throws Exception {
    if (HAS_STOP_CHECKS) {
      super.invoke(ARM);
    }
    Thread outer = enter();
    try {
      value = snippet.invoke(null);
      return "";
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof ThreadDeath) {
        Thread.currentThread().interrupt();
        throw new StoppedException();
      }
      throw e;
    } finally {
      leave(outer);
    }
  }

  @Override
  @SuppressWarnings({"deprecation", "removal"})
  public synchronized void stop() throws EngineTerminationException, InternalException {
    if (HAS_STOP_CHECKS) {
      super.stop();
    } else if (cellThread != null) {
      cellThread.stop();
    }
  }

  private synchronized Thread enter() {
    Thread outer = cellThread;
    cellThread = Thread.currentThread();
    if (interrupted) {
      cellThread.interrupt();
    }
    return outer;
  }

  private synchronized void leave(Thread outer) {
    cellThread = outer;
    // A flag that is still set tells that nobody acted on the interrupt; the rest of the cell must
    // not run, and the kernel's own work on this thread must not be interrupted.
    interrupted = Thread.interrupted();
  }

  /** Does nothing: running it through JShell resets the stop of an earlier cell. */
  private static Object arm() {
    return null;
  }

  private static Method armMethod() {
    try {
      Method arm = CellExecutionControl.class.getDeclaredMethod("arm");
      arm.setAccessible(true);
      return arm;
    } catch (NoSuchMethodException e) {
      throw new ExceptionInInitializerError(e);
    }
  }
}
