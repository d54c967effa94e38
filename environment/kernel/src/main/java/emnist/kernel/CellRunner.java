package emnist.kernel;

import java.util.List;
import java.util.Map;
import jdk.jshell.JShell;
import jdk.jshell.Snippet.SubKind;
import jdk.jshell.SnippetEvent;
import jdk.jshell.SourceCodeAnalysis;
import jdk.jshell.SourceCodeAnalysis.Completeness;
import jdk.jshell.SourceCodeAnalysis.CompletionInfo;
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

  private final CellExecutionControl control = new CellExecutionControl();
  private final JShell shell = JShell.builder().executionEngine(new InThisJvm(), Map.of()).build();
  private final SourceCodeAnalysis analysis = shell.sourceCodeAnalysis();
  private final ErrorReport errors = new ErrorReport(shell);
  private final Magics magics = new Magics(shell);

  CellRunner() throws CellException {
    run(new Cell(0, PRELUDE));
  }

  JShell shell() {
    return shell;
  }

  /**
   * Runs a cell.
   *
   * @return the value of the last snippet if it is an expression, else null
   * @throws CellException if the cell does not compile, throws or is interrupted; snippets that ran
   *     before keep their effect
   */
  Object run(Cell cell) throws CellException {
    control.takeInterrupted();
    cell.requireClosed();
    for (Cell.Magic magic : cell.magics()) {
      magics.apply(magic);
    }
    // White space before a snippet would shift the line numbers that JShell reports.
    String rest = cell.java().stripLeading();
    Object value = null;
    CompletionInfo next = analysis.analyzeCompletion(rest);
    while (next.completeness() != Completeness.EMPTY) {
      boolean complete = next.completeness().isComplete();
      int start = cell.source().length() - rest.length();
      value = runSnippet(cell, start, complete ? next.source() : rest);
      if (control.takeInterrupted()) {
        throw errors.interrupted();
      }
      rest = complete && next.remaining() != null ? next.remaining().stripLeading() : "";
      next = analysis.analyzeCompletion(rest);
    }
    return value;
  }

  /** Asks the running cell to stop; see {@link CellExecutionControl#interrupt}. */
  void interrupt() {
    try {
      control.interrupt();
    } catch (ExecutionControl.ExecutionControlException e) {
      throw new IllegalStateException(e);
    }
  }

  private Object runSnippet(Cell cell, int start, String source) throws CellException {
    List<SnippetEvent> events = shell.eval(source);
    Object value = control.takeValue();
    SubKind kind = null;
    for (SnippetEvent event : events) {
      if (event.causeSnippet() == null) {
        errors.locate(event.snippet(), cell, start);
        errors.check(event);
        kind = event.snippet().subKind();
      }
    }
    return isShown(kind) ? value : null;
  }

  private static boolean isShown(SubKind kind) {
    return kind == SubKind.VAR_VALUE_SUBKIND
        || kind == SubKind.OTHER_EXPRESSION_SUBKIND
        || kind == SubKind.TEMP_VAR_EXPRESSION_SUBKIND;
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
