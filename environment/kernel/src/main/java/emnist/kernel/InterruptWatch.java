package emnist.kernel;

import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

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
    return Arrays.stream(stack).anyMatch(InterruptWatch::isWaitedFor);
  }

  private void watch() {
    // Code that looks at the interrupt itself ends in its own way.
    if (run.awaitEnd(POLITE_MILLIS)) {
      return;
    }
    run.letStop();
    StopCheck.arm();
    while (!run.awaitEnd(STEP_MILLIS) && !isLeft()) {
      // look again
    }
    CellRun.stopWorkers(false);
    StopCheck.disarm();
  }

  /** Looks at what the run is doing, and does what its time has come for. */
  private boolean isLeft() {
    StackTraceElement[] stack = run.stack();
    boolean startsUnwinding = !unwinding && run.isUnwinding();
    unwinding |= startsUnwinding;
    if (startsUnwinding || isBusy(stack)) {
      patientSince = System.nanoTime();
    }
    long waited = System.nanoTime() - patientSince;
    CellRun.stopWorkers(isWithin(stack, "java.util.concurrent.ForkJoin"));
    if (waited > WAKE_NANOS) {
      run.wake();
    }
    if (isWaitedFor(stack)) {
      tell(stack);
    } else if (waited > PATIENCE_NANOS) {
      run.leaveBehind(left(stack));
      return true;
    }
    return false;
  }

  /** Whether the compiler works, or code that is waited for and not a cell's that it called. */
  private static boolean isBusy(StackTraceElement[] stack) {
    return Arrays.stream(stack)
        .filter(frame -> CellExecutionControl.isCellCode(frame) || isWaitedFor(frame))
        .findFirst()
        .map(InterruptWatch::isWaitedFor)
        .orElse(true);
  }

  private void tell(StackTraceElement[] stack) {
    if (!told && System.nanoTime() - start > PATIENCE_NANOS) {
      told = true;
      System.err.println("The cell ends once " + task(stack) + " has finished.");
    }
  }

  private static String task(StackTraceElement[] stack) {
    List<StackTraceElement> frames =
        Arrays.stream(stack).filter(InterruptWatch::isWaitedFor).toList();
    return frames.stream().anyMatch(frame -> frame.getMethodName().startsWith("save"))
        ? "saving"
        : name(frames.get(frames.size() - 1));
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

  private static boolean isWithin(StackTraceElement[] stack, String prefix) {
    return Arrays.stream(stack).anyMatch(frame -> frame.getClassName().startsWith(prefix));
  }

  private static boolean isWaitedFor(StackTraceElement frame) {
    return WAITED_FOR.stream().anyMatch(frame.getClassName()::startsWith);
  }

  private static String name(StackTraceElement frame) {
    String type = frame.getClassName();
    return type.replaceAll(".*[.$]", "") + "." + frame.getMethodName();
  }
}
