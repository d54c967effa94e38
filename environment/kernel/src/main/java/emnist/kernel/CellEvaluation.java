package emnist.kernel;

import java.util.ArrayList;
import java.util.LinkedList;
import java.util.List;
import java.util.Set;
import jdk.jshell.DeclarationSnippet;
import jdk.jshell.JShell;
import jdk.jshell.Snippet;
import jdk.jshell.Snippet.Kind;
import jdk.jshell.Snippet.Status;
import jdk.jshell.Snippet.SubKind;
import jdk.jshell.SnippetEvent;

/**
 * Evaluates a cell part by part.
 *
 * <p>Types and methods may use what the cell declares further down. Before a statement runs, those
 * further down are declared early if some above wait for a declaration.
 */
final class CellEvaluation {

  private static final Set<Kind> DECLARATIONS = Set.of(Kind.IMPORT, Kind.TYPE_DECL, Kind.METHOD);

  private static final Set<SubKind> SHOWN =
      Set.of(
          SubKind.VAR_VALUE_SUBKIND,
          SubKind.OTHER_EXPRESSION_SUBKIND,
          SubKind.TEMP_VAR_EXPRESSION_SUBKIND);

  private final Cell cell;
  private final JShell shell;
  private final CellExecutionControl control;
  private final ErrorReport errors;
  private final SideEffects effects;
  private final List<DeclarationSnippet> waiting = new ArrayList<>();

  CellEvaluation(
      Cell cell,
      JShell shell,
      CellExecutionControl control,
      ErrorReport errors,
      SideEffects effects) {
    this.cell = cell;
    this.shell = shell;
    this.control = control;
    this.errors = errors;
    this.effects = effects;
  }

  /**
   * Evaluates the cell.
   *
   * @return the value of the last part if it is an expression, else null
   */
  Object run() throws CellException {
    List<CellParts.Part> left = new LinkedList<>(CellParts.of(cell, shell.sourceCodeAnalysis()));
    Object value = null;
    while (!left.isEmpty()) {
      if (isAnyWaiting() && !isDeclaration(left.get(0))) {
        declareEarly(left);
      }
      CellParts.Part next = left.remove(0);
      value = run(next);
    }
    for (DeclarationSnippet snippet : waiting) {
      if (!shell.status(snippet).isDefined()) {
        throw errors.notCompiled(snippet);
      }
    }
    return value;
  }

  private boolean isAnyWaiting() {
    waiting.removeIf(snippet -> shell.status(snippet) == Status.VALID);
    return !waiting.isEmpty();
  }

  private void declareEarly(List<CellParts.Part> left) throws CellException {
    for (CellParts.Part part : List.copyOf(left)) {
      if (isDeclaration(part)) {
        left.remove(part);
        run(part);
      }
    }
  }

  private boolean isDeclaration(CellParts.Part part) {
    return shell.sourceCodeAnalysis().sourceToSnippets(part.source()).stream()
        .allMatch(snippet -> DECLARATIONS.contains(snippet.kind()));
  }

  private Object run(CellParts.Part part) throws CellException {
    requireNotStopped();
    List<SnippetEvent> events = shell.eval(part.source());
    Object value = control.takeValue();
    requireNotStopped();
    effects.add(events);
    boolean isShown = false;
    for (SnippetEvent event : events) {
      if (event.causeSnippet() == null) {
        errors.locate(event.snippet(), cell, part.start());
        check(event);
        isShown = SHOWN.contains(event.snippet().subKind());
      }
    }
    return isShown ? value : null;
  }

  private void check(SnippetEvent event) throws CellException {
    Snippet snippet = event.snippet();
    if (event.exception() != null) {
      throw errors.thrown(event.exception());
    }
    if (event.status() == Status.REJECTED) {
      throw errors.notCompiled(reasonOf(snippet));
    }
    if (event.status() != Status.VALID && snippet instanceof DeclarationSnippet declaration) {
      waiting.add(declaration);
    }
  }

  /** What does not compile may use a declaration above that waits for another. */
  private Snippet reasonOf(Snippet rejected) {
    return waiting.stream()
        .filter(snippet -> !shell.status(snippet).isDefined())
        .map(Snippet.class::cast)
        .findFirst()
        .orElse(rejected);
  }

  private static void requireNotStopped() {
    CellRun run = CellRun.current();
    if (run != null && run.isStopped()) {
      throw new CellStopped();
    }
  }
}
