package emnist.kernel;

import java.lang.reflect.Method;
import java.util.Arrays;
import jdk.jshell.execution.DirectExecutionControl;

/**
 * Runs snippets in this JVM, on the thread that evaluates them. Values stay objects, so that the
 * notebook can draw them, instead of becoming text.
 */
final class CellExecutionControl extends DirectExecutionControl {

  private final ThreadLocal<Object> value = new ThreadLocal<>();
  private final KeptVariables variables;

  CellExecutionControl(KeptVariables variables) {
    this.variables = variables;
  }

  /** Whether a frame is of code that a cell declared or ran. */
  static boolean isCellCode(StackTraceElement frame) {
    return frame.getClassName().startsWith("REPL.");
  }

  /** Returns the last snippet's value or null, and forgets it, so that its memory can be freed. */
  Object takeValue() {
    Object taken = value.get();
    value.remove();
    return taken;
  }

  @Override
  public void load(ClassBytecodes[] classes)
      throws ClassInstallException, NotImplementedException, EngineTerminationException {
    super.load(
        Arrays.stream(classes)
            .map(c -> new ClassBytecodes(c.name(), StopCheck.addTo(c.bytecodes())))
            .toArray(ClassBytecodes[]::new));
    for (ClassBytecodes loaded : classes) {
      try {
        variables.loaded(loaded, findClass(loaded.name()));
      } catch (ClassNotFoundException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  /**
   * Accepts new classes for variables whose declaration did not change, and leaves the old ones in
   * place: they hold the values, and their code, the initializer, does not run again.
   */
  @Override
  public void redefine(ClassBytecodes[] classes) throws NotImplementedException {
    if (!variables.keeps(classes)) {
      throw new NotImplementedException("A class of a cell is replaced, not redefined.");
    }
  }

  @Override
  protected String invoke(Method snippet) throws Exception {
    try {
      value.set(CellRun.runCode(() -> snippet.invoke(null)));
      return "";
    } catch (CellStopped e) {
      throw new StoppedException();
    }
  }
}
