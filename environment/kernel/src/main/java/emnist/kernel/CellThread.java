package emnist.kernel;

import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * The thread that runs all cells.
 *
 * <p>Because they share it, thread-local state such as a library's gradient mode lasts from one
 * cell to the next. Only when a cell had to be left behind, the next cells have a new thread.
 */
final class CellThread {

  private final ClassLoader loader = Thread.currentThread().getContextClassLoader();
  private ExecutorService executor = newExecutor();
  private CellRun running;

  /** Runs a cell and waits for it; within a cell, runs the code right here. */
  <T> T run(Callable<T> cell) throws CellException {
    CompletableFuture<T> result = new CompletableFuture<>();
    CellRun run = new CellRun(error -> leaveBehind(result, error));
    if (!begin(run)) {
      return runWithin(cell);
    }
    executor.execute(
        () -> {
          run.start();
          try {
            result.complete(cell.call());
          } catch (Throwable e) {
            result.completeExceptionally(e);
          } finally {
            run.end();
          }
        });
    try {
      return result.join();
    } catch (CompletionException e) {
      throw rethrown(e.getCause());
    } finally {
      finish();
    }
  }

  /** Interrupts the running cell, if there is one. */
  synchronized void interrupt() {
    if (running != null) {
      running.interrupt();
    }
  }

  private synchronized boolean begin(CellRun run) {
    boolean isFirst = running == null && CellRun.current() == null;
    running = isFirst ? run : running;
    return isFirst;
  }

  private synchronized void finish() {
    running = null;
  }

  private static <T> T runWithin(Callable<T> code) throws CellException {
    CellRun run = CellRun.current();
    if (run == null) { // on a thread that the cell started
      return call(code);
    }
    run.leaveCode();
    try {
      return call(code);
    } finally {
      run.enterCode();
    }
  }

  private static <T> T call(Callable<T> code) throws CellException {
    try {
      return code.call();
    } catch (Exception e) {
      throw rethrown(e);
    }
  }

  private static CellException rethrown(Throwable e) {
    if (e instanceof CellException failure) {
      return failure;
    }
    if (e instanceof Error error) {
      throw error;
    }
    throw e instanceof RuntimeException unchecked ? unchecked : new IllegalStateException(e);
  }

  private synchronized void leaveBehind(CompletableFuture<?> result, CellException error) {
    if (result.completeExceptionally(error)) {
      executor.shutdown();
      executor = newExecutor();
    }
  }

  private ExecutorService newExecutor() {
    return Executors.newSingleThreadExecutor(
        task -> {
          Thread thread = new Thread(task, "cells");
          thread.setDaemon(true);
          thread.setContextClassLoader(loader);
          return thread;
        });
  }
}
