package emnist.kernel;

import io.github.spencerpark.jupyter.kernel.ReplacementOptions;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import jdk.jshell.SourceCodeAnalysis;
import jdk.jshell.SourceCodeAnalysis.Completeness;
import jdk.jshell.SourceCodeAnalysis.CompletionInfo;
import jdk.jshell.SourceCodeAnalysis.Suggestion;

/** Completes, explains and checks code as it is typed. Positions count UTF-16 units. */
final class CodeAssistant {

  private static final Pattern INLINE_TAG = Pattern.compile("\\{@\\w+\\s+([^{}]*)\\}");
  private static final Pattern HTML_TAG = Pattern.compile("</?\\w[^>]*>");

  private final SourceCodeAnalysis analysis;

  CodeAssistant(SourceCodeAnalysis analysis) {
    this.analysis = analysis;
  }

  /** Completions at the cursor; those that fit the expected type come first. */
  ReplacementOptions complete(String code, int cursor) {
    int start = startOfSnippet(code, cursor);
    int[] anchor = {cursor - start};
    List<Suggestion> suggestions =
        analysis.completionSuggestions(code.substring(start), cursor - start, anchor);
    List<String> texts =
        suggestions.stream()
            .sorted((a, b) -> Boolean.compare(b.matchesType(), a.matchesType()))
            .map(Suggestion::continuation)
            .distinct()
            .toList();
    return new ReplacementOptions(texts, start + anchor[0], cursor);
  }

  /** Signatures and Javadoc of the code at the cursor, or an empty string. */
  String inspect(String code, int cursor) {
    int start = startOfSnippet(code, cursor);
    int end = cursor;
    while (end < code.length() && Character.isJavaIdentifierPart(code.charAt(end))) {
      end++;
    }
    if (end < code.length() && code.charAt(end) == '(') {
      end++;
    }
    return analysis.documentation(code.substring(start), end - start, true).stream()
        .map(found -> found.signature() + "\n" + readable(found.javadoc()))
        .distinct()
        .collect(Collectors.joining("\n"));
  }

  /**
   * Whether Enter should run the code: {@code complete}, {@code invalid}, or the next line's indent
   * if the code is unfinished.
   */
  String completeness(String code, String complete, String invalid) {
    if (CellText.of(code).unclosed() >= 0) {
      return ""; // the lines of a comment or text block have no indent of their own
    }
    CompletionInfo info = analysis.analyzeCompletion(code);
    while (info.completeness().isComplete() && info.remaining() != null) {
      if (info.completeness() == Completeness.UNKNOWN) {
        return invalid;
      }
      info = analysis.analyzeCompletion(info.remaining());
    }
    return switch (info.completeness()) {
      case COMPLETE, COMPLETE_WITH_SEMI, CONSIDERED_INCOMPLETE, EMPTY -> complete;
      case DEFINITELY_INCOMPLETE -> indentAfter(code);
      case UNKNOWN -> invalid;
    };
  }

  private static String indentAfter(String code) {
    String last = code.substring(code.lastIndexOf('\n') + 1);
    String indent = last.substring(0, last.length() - last.stripLeading().length());
    return last.stripTrailing().matches(".*[{(]") ? indent + "    " : indent;
  }

  /** Skips the finished snippets before the cursor, because JShell analyses one at a time. */
  private int startOfSnippet(String code, int cursor) {
    int start = 0;
    while (true) {
      CompletionInfo info = analysis.analyzeCompletion(code.substring(start));
      if (!info.completeness().isComplete() || info.remaining() == null) {
        return start;
      }
      int next = code.length() - info.remaining().length();
      if (next >= cursor || next <= start) {
        return start;
      }
      start = next;
    }
  }

  private static String readable(String javadoc) {
    if (javadoc == null) {
      return "";
    }
    String text = INLINE_TAG.matcher(javadoc).replaceAll("$1");
    return HTML_TAG.matcher(text).replaceAll("").strip() + "\n";
  }
}
