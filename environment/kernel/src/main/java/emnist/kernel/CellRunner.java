package emnist.kernel;

import java.util.Map;
import java.util.function.Function;
import jdk.jshell.JShell;
import jdk.jshell.spi.ExecutionControl;
import jdk.jshell.spi.ExecutionControlProvider;
import jdk.jshell.spi.ExecutionEnv;

/** Runs cells snippet by snippet, in one JShell that lives as long as the kernel. */
final class CellRunner {

  /** The imports that every cell has; the same as in IJava. */
  private static final String PRELUDE =
      """
      import java.util.*;
      import java.io.*;
      import java.math.*;
      import java.net.*;
      import java.util.concurrent.*;
      import java.util.prefs.*;
      import java.util.regex.*;
      import static emnist.kernel.Notebook.*;
      """;

  private final KeptVariables variables = new KeptVariables(this::isVariable);
  private final CellExecutionControl control = new CellExecutionControl(variables);
  // Made here, because the thread takes over the class loader of the cells from this one.
  private final CellThread thread = new CellThread();
  private final JShell shell = JShell.builder().executionEngine(new InThisJvm(), Map.of()).build();
  private final ErrorReport errors = new ErrorReport(shell);
  private final Magics magics = new Magics(shell);

  CellRunner() throws CellException {
    run(new Cell(0, PRELUDE));
  }

  JShell shell() {
    return shell;
  }

  /**
   * Runs a cell and waits for its end.
   *
   * @return the value of the last snippet if it is an expression, else null
   * @throws CellException if the cell does not compile, throws or is interrupted; snippets that ran
   *     before keep their effect
   */
  Object run(Cell cell) throws CellException {
    return run(cell, value -> value);
  }

  /**
   * Runs a cell and turns its value into something else, such as a picture, as part of the cell: an
   * interrupt ends that as well.
   */
  <T> T run(Cell cell, Function<Object, T> shown) throws CellException {
    return thread.run(() -> runHere(cell, shown));
  }

  /** Ends the running cell; see {@link CellRun}. */
  void interrupt() {
    thread.interrupt();
  }

  private <T> T runHere(Cell cell, Function<Object, T> shown) throws Exception {
    SideEffects effects = new SideEffects(shell, variables);
    try {
      cell.requireClosed();
      for (Cell.Magic magic : cell.magics()) {
        magics.apply(magic);
      }
      Object value = new CellEvaluation(cell, shell, control, errors, effects).run();
      return CellRun.runCode(() -> shown.apply(value));
    } catch (CellStopped e) {
      throw ErrorReport.interrupted("The cell was interrupted.");
    } finally {
      effects.print();
    }
  }

  private boolean isVariable(String name) {
    return shell.variables().anyMatch(variable -> variable.name().equals(name));
  }

  /** Gives JShell this runner's execution control. */
  private final class InThisJvm implements ExecutionControlProvider {

    @Override
    public String name() {
      return "cells";
    }

    @Override
    public ExecutionControl generate(ExecutionEnv environment, Map<String, String> parameters) {
      return control;
    }
  }
}
