package emnist.diffusion;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/** What is logged: slf4j-simple writes to the standard error stream. */
public final class CapturedLog {

  /** Something that may throw. */
  @FunctionalInterface
  public interface Action {
    void run() throws Exception;
  }

  private CapturedLog() {}

  /** Runs an action and returns the lines that were logged meanwhile, in all threads. */
  public static String during(Action action) {
    ByteArrayOutputStream log = new ByteArrayOutputStream();
    PrintStream before = System.err;
    System.setErr(new PrintStream(log, true, StandardCharsets.UTF_8));
    try {
      action.run();
    } catch (Exception e) {
      throw new AssertionError(e);
    } finally {
      System.setErr(before);
    }
    return log.toString(StandardCharsets.UTF_8);
  }
}
