package emnist.kernel;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import jdk.jshell.execution.LocalExecutionControl;

/**
 * Runs all snippets in this JVM, on the thread that evaluates cells.
 *
 * <p>Because all cells share one thread, thread-local state such as a library's gradient mode lasts
 * from one cell to the next. Values stay objects, so that the notebook can draw them, instead of
 * becoming text.
 */
final class CellExecutionControl extends LocalExecutionControl {

  /** Java 20 disabled Thread.stop() and made JShell insert stop checks into loops. */
  private static final boolean HAS_STOP_CHECKS = Runtime.version().feature() >= 20;

  private static final Method ARM = armMethod();

  private Thread cellThread;
  private boolean interrupted;
  private Object value;

  /** Returns the last snippet's value or null, and forgets it, so that its memory can be freed. */
  Object takeValue() {
    Object taken = value;
    value = null;
    return taken;
  }

  /**
   * Asks the running cell to stop.
   *
   * <p>The first request interrupts the thread. A second one, while the same snippet still runs,
   * uses JShell's own stop, which also ends loops that never check for interrupts.
   */
  synchronized void interrupt() throws EngineTerminationException, InternalException {
    if (interrupted && cellThread != null) {
      stop();
    } else {
      interrupted = true;
      // Only while the cell's code runs: an interrupt would close the compiler's jars for good.
      if (cellThread != null) {
        cellThread.interrupt();
      }
    }
  }

  /** Whether an interrupt since the last call was left unhandled by the cell; clears it. */
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
    // If the flag is still set, the cell did not handle the interrupt: its remaining snippets must
    // not run. The flag is cleared so that the kernel's own work on this thread goes undisturbed.
    interrupted = Thread.interrupted();
  }

  /** Does nothing. Running it through JShell clears the stop request of an earlier cell. */
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
