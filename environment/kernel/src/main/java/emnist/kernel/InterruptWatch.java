package emnist.kernel;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Watches an interrupted run until it ends, and leaves its thread behind if it does not. */
final class InterruptWatch {

  private static final long POLITE_MILLIS = 500;
  private static final long STEP_MILLIS = 100;
  private static final long WAKE_NANOS = TimeUnit.MILLISECONDS.toNanos(1500);
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(2);

  /** What is never left behind: it may be saving, and its state would be lost. */
  private static final List<String> WAITED_FOR = List.of("emnist.diffusion.", "ai.djl.");

  private final CellRun run;
  private final long start = System.nanoTime();

  /** The last moment at which there was a reason to wait. */
  private long patientSince = start;

  private boolean unwinding;
  private boolean told;

  private InterruptWatch(CellRun run) {
    this.run = run;
  }

  static void start(CellRun run) {
    Thread thread = new Thread(new InterruptWatch(run)::watch, "interrupt");
    thread.setDaemon(true);
    thread.start();
  }

  /** Whether a thread with these frames is within the project or DJL. */
  static boolean isWaitedFor(StackTraceElement[] stack) {
    return waitedFor(stack).findAny().isPresent();
  }

  private void watch() {
    // Code that looks at the interrupt itself ends in its own way.
    if (run.awaitEnd(POLITE_MILLIS)) {
      return;
    }
    StopCheck.arm();
    while (!run.awaitEnd(STEP_MILLIS)) {
      StackTraceElement[] stack = run.stack();
      long waited = System.nanoTime() - patientSince;
      CellRun.stopWorkers(startsWith(stack, "java.util.concurrent.ForkJoin"));
      if (hasReason(stack)) {
        patientSince = System.nanoTime();
      } else if (waited > PATIENCE_NANOS) {
        run.leaveBehind(left(stack));
        run.awaitEnd(0);
        break;
      } else if (waited > WAKE_NANOS) {
        run.wake();
      }
    }
    CellRun.stopWorkers(false);
    StopCheck.disarm();
  }

  /** Whether the run needs more time to end by itself. */
  private boolean hasReason(StackTraceElement[] stack) {
    boolean startsUnwinding = !unwinding && run.isUnwinding();
    unwinding |= startsUnwinding;
    Optional<StackTraceElement> library = waitedFor(stack).reduce((inner, outer) -> outer);
    if (library.isPresent() && !told && System.nanoTime() - start > PATIENCE_NANOS) {
      told = true;
      System.err.println("The cell ends once " + task(stack, library.get()) + " has finished.");
    }
    return stack.length == 0 || library.isPresent() || startsUnwinding;
  }

  private static String task(StackTraceElement[] stack, StackTraceElement outermost) {
    return waitedFor(stack).anyMatch(frame -> frame.getMethodName().startsWith("save"))
        ? "saving"
        : name(outermost);
  }

  private static CellException left(StackTraceElement[] stack) {
    String where =
        Arrays.stream(stack)
            .takeWhile(frame -> !CellExecutionControl.isCellCode(frame))
            .reduce((inner, outer) -> outer)
            .map(InterruptWatch::name)
            .orElse("the cell's code");
    return ErrorReport.interrupted(
        "The cell was interrupted, but "
            + where
            + " ignores that and still runs in the background. Restart the kernel to end it.");
  }

  private static Stream<StackTraceElement> waitedFor(StackTraceElement[] stack) {
    return Arrays.stream(stack)
        .filter(frame -> WAITED_FOR.stream().anyMatch(frame.getClassName()::startsWith));
  }

  private static boolean startsWith(StackTraceElement[] stack, String prefix) {
    return Arrays.stream(stack).anyMatch(frame -> frame.getClassName().startsWith(prefix));
  }

  private static String name(StackTraceElement frame) {
    String type = frame.getClassName();
    return type.substring(type.lastIndexOf('.') + 1) + "." + frame.getMethodName();
  }
}
