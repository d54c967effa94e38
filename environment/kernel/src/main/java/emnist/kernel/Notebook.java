package emnist.kernel;

import io.github.spencerpark.jupyter.kernel.display.DisplayData;
import java.util.UUID;

/** What cells can call without an import. The names and results are those of IJava. */
public final class Notebook {

  private static JavaKernel kernel;

  private Notebook() {}

  static void connect(JavaKernel running) {
    kernel = running;
  }

  /**
   * Shows a value under the cell.
   *
   * @param types MIME types such as {@code "text/html"}; none means what suits the value best
   * @return an id for {@link #updateDisplay}
   */
  public static String display(Object value, String... types) {
    DisplayData data = render(value, types);
    if (!data.hasDisplayId()) {
      data.setDisplayId(UUID.randomUUID().toString());
    }
    kernel.output().display(data);
    return data.getDisplayId();
  }

  /** Replaces what {@link #display} showed, in its place. */
  public static void updateDisplay(String id, Object value, String... types) {
    DisplayData data = render(value, types);
    data.setDisplayId(id);
    kernel.output().updateDisplay(data);
  }

  /** Turns a value into what a notebook shows, without showing it. */
  public static DisplayData render(Object value, String... types) {
    return kernel.rendering().render(value, types);
  }

  /** Runs code as a cell does and returns the value of its last expression, or null. */
  public static Object eval(String code) throws Exception {
    if (Thread.interrupted()) {
      throw new InterruptedException("The cell was interrupted.");
    }
    return kernel.evaluate(code);
  }

  /** Prints like {@code System.out.printf}. */
  public static void printf(String format, Object... arguments) {
    System.out.printf(format, arguments);
  }
}
