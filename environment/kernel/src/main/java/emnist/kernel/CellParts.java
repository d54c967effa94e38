package emnist.kernel;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import jdk.jshell.SourceCodeAnalysis;
import jdk.jshell.SourceCodeAnalysis.Completeness;
import jdk.jshell.SourceCodeAnalysis.CompletionInfo;

/** Divides a cell into its statements and declarations, which JShell takes one at a time. */
final class CellParts {

  /** On Java 17 JShell does not find the end of a switch with such a case. */
  private static final Pattern CASE_THROW = Pattern.compile("(->\\s*)throw\\b");

  /**
   * A statement or declaration.
   *
   * @param start its position in the cell
   */
  record Part(int start, String source) {}

  private CellParts() {}

  static List<Part> of(Cell cell, SourceCodeAnalysis analysis) {
    String java = cell.java();
    String simple = CASE_THROW.matcher(java).replaceAll("$1     ");
    List<Part> parts = new ArrayList<>();
    int start = skipSpace(java, 0);
    CompletionInfo next = analysis.analyzeCompletion(simple.substring(start));
    while (next.completeness() != Completeness.EMPTY) {
      boolean isComplete = next.completeness() == Completeness.COMPLETE;
      int end = isComplete ? java.length() - next.remaining().length() : java.length();
      boolean lacksEnd = next.completeness() == Completeness.COMPLETE_WITH_SEMI;
      parts.add(new Part(start, java.substring(start, end) + (lacksEnd ? "\n;" : "")));
      start = skipSpace(java, end);
      next = analysis.analyzeCompletion(simple.substring(start));
    }
    return parts;
  }

  /** White space before a part would shift the line numbers that JShell reports. */
  private static int skipSpace(String java, int start) {
    int position = start;
    while (position < java.length() && Character.isWhitespace(java.charAt(position))) {
      position++;
    }
    return position;
  }
}
