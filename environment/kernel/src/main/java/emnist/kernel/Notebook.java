package emnist.kernel;

import io.github.spencerpark.jupyter.kernel.display.DisplayData;
import java.util.UUID;

/** Methods that cells can call without an import, compatible with IJava. */
public final class Notebook {

  private static JavaKernel kernel;

  private Notebook() {}

  static void connect(JavaKernel running) {
    kernel = running;
  }

  /** The running kernel, with the methods that notebooks for IJava call. */
  public static JavaKernel getKernelInstance() {
    return kernel;
  }

  /**
   * Shows a value under the cell.
   *
   * @param types MIME types such as {@code "text/html"}; if none are given, those that suit the
   *     value best
   * @return an id for {@link #updateDisplay}
   */
  public static String display(Object value, String... types) {
    DisplayData data = render(value, types);
    if (!data.hasDisplayId()) {
      data.setDisplayId(UUID.randomUUID().toString());
    }
    kernel.display(data);
    return data.getDisplayId();
  }

  /** Replaces in place what {@link #display} showed. */
  public static void updateDisplay(String id, Object value, String... types) {
    DisplayData data = render(value, types);
    data.setDisplayId(id);
    kernel.output().updateDisplay(data);
  }

  /** Renders a value without showing it. */
  public static DisplayData render(Object value, String... types) {
    return kernel.rendering().render(value, types);
  }

  /** Runs code like a cell and returns the value of its last expression, or null. */
  public static Object eval(String code) throws Exception {
    if (Thread.interrupted()) {
      throw new InterruptedException("The cell was interrupted.");
    }
    return kernel.evalRaw(code);
  }

  /** Prints like {@code System.out.printf}. */
  public static void printf(String format, Object... arguments) {
    System.out.printf(format, arguments);
  }
}
