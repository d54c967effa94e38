package emnist.kernel;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import jdk.jshell.DeclarationSnippet;
import jdk.jshell.Diag;
import jdk.jshell.EvalException;
import jdk.jshell.JShell;
import jdk.jshell.JShellException;
import jdk.jshell.Snippet;
import jdk.jshell.UnresolvedReferenceException;

/** Reports an error by the cell's number, line and code. */
final class ErrorReport {

  /** More than ordinary code needs; a runaway recursion has a thousand. */
  private static final int MAX_FRAMES = 50;

  private static final String RED = "\u001B[1;31m";
  private static final String PLAIN = "\u001B[0m";

  /** The location of a snippet: the cell, and the position in it where the snippet starts. */
  private record Place(Cell cell, int start) {

    /** The position in the cell; the snippet's start if the compiler gives none. */
    int position(long snippetPosition) {
      return (int) Math.min(start + Math.max(snippetPosition, 0), cell.source().length());
    }

    int line(int snippetLine) {
      return cell.lineAt(start) + snippetLine - 1;
    }
  }

  private final JShell shell;
  private final Map<String, Place> places = new HashMap<>();

  ErrorReport(JShell shell) {
    this.shell = shell;
  }

  /** Records the location of a snippet. */
  void locate(Snippet snippet, Cell cell, int start) {
    places.put(snippet.id(), new Place(cell, start));
  }

  static CellException interrupted(String message) {
    return new CellException("Interrupted", message);
  }

  CellException notCompiled(Snippet snippet) {
    List<String> lines = new ArrayList<>();
    String first = null;
    for (Diag diag : shell.diagnostics(snippet).filter(Diag::isError).toList()) {
      String message =
          diag.getMessage(Locale.ROOT)
              .lines()
              .filter(line -> !line.startsWith("  location:"))
              .collect(Collectors.joining("\n"));
      first = first == null ? message.lines().findFirst().orElse("") : first;
      lines.addAll(pointedAt(places.get(snippet.id()), diag, message));
    }
    if (first == null) {
      first = lacking((DeclarationSnippet) snippet);
      lines.add(red(first));
    }
    return new CellException("CompilationError", first, lines);
  }

  private static List<String> pointedAt(Place place, Diag diag, String message) {
    Cell cell = place.cell();
    int start = place.position(diag.getStartPosition());
    int end = place.position(diag.getEndPosition());
    int line = cell.lineAt(start);
    String text = cell.line(line);
    int column = cell.columnAt(start);
    int width = Math.max(1, Math.min(end - start, text.length() - column));
    List<String> lines = new ArrayList<>();
    lines.add(red("Cell [" + cell.number() + "], line " + line + ": ") + message);
    lines.add("    " + text);
    lines.add("    " + " ".repeat(column) + red("^".repeat(width)));
    return lines;
  }

  CellException thrown(JShellException exception) {
    List<String> lines = new ArrayList<>();
    String name = null;
    String message = null;
    String prefix = "";
    for (Throwable e = exception; e != null; e = e.getCause()) {
      String type = typeOf(e);
      String text = textOf(e);
      if (name == null) {
        name = type.substring(type.lastIndexOf('.') + 1);
        message = text;
      }
      lines.add(red(prefix + type) + (text.isEmpty() ? "" : ": " + text));
      lines.addAll(frames(e));
      prefix = "Caused by: ";
    }
    return new CellException(name, message, lines);
  }

  private List<String> frames(Throwable e) {
    StackTraceElement[] frames = e.getStackTrace();
    List<String> lines = new ArrayList<>();
    Arrays.stream(frames).limit(MAX_FRAMES).forEach(f -> lines.add("    at " + describe(f)));
    if (frames.length > MAX_FRAMES) {
      lines.add("    ... " + (frames.length - MAX_FRAMES) + " more");
    }
    return lines;
  }

  private static String typeOf(Throwable e) {
    return e instanceof EvalException eval
        ? eval.getExceptionClassName()
        : e.getClass().getSimpleName();
  }

  private String textOf(Throwable e) {
    if (e instanceof UnresolvedReferenceException unresolved) {
      return lacking(unresolved.getSnippet());
    }
    return e.getMessage() == null ? "" : e.getMessage();
  }

  private String lacking(DeclarationSnippet snippet) {
    return snippet.name()
        + " uses what is not declared yet: "
        + shell.unresolvedDependencies(snippet).collect(Collectors.joining(", "));
  }

  /** Describes a stack frame; JShell names a snippet's file "#" plus its id. */
  private String describe(StackTraceElement frame) {
    String file = frame.getFileName();
    Place place = file != null && file.startsWith("#") ? places.get(file.substring(1)) : null;
    if (place == null || frame.getLineNumber() < 1) {
      return frame.toString();
    }
    int line = place.line(frame.getLineNumber());
    return "cell ["
        + place.cell().number()
        + "], line "
        + line
        + ": "
        + place.cell().line(line).strip();
  }

  static String red(String text) {
    return RED + text + PLAIN;
  }
}
