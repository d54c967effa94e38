package emnist.kernel;

import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * The text of one cell.
 *
 * @param number the number in the notebook's margin
 * @param source the text as typed
 */
record Cell(int number, String source) {

  private static final Pattern WORD = Pattern.compile("\"[^\"]*\"|\\S+");

  /**
   * A line such as {@code %jars lib/*.jar}, or {@code %%loadFromPOM} with the lines below it.
   *
   * @param name the name with its percent signs
   * @param arguments the words on the line after the name, without quotation marks around them
   * @param body the lines below a name with two percent signs, else an empty string
   */
  record Magic(String name, List<String> arguments, String body) {}

  List<Magic> magics() {
    return CellText.of(source).magics().stream()
        .map(span -> magic(source.substring(span.start(), span.end())))
        .toList();
  }

  private static Magic magic(String text) {
    String line = text.lines().findFirst().orElseThrow();
    List<String> words = WORD.matcher(line).results().map(MatchResult::group).toList();
    return new Magic(
        words.get(0),
        words.stream().skip(1).map(word -> word.replace("\"", "")).toList(),
        text.substring(line.length()));
  }

  /** The source with magics replaced by spaces, so that positions stay the same. */
  String java() {
    StringBuilder java = new StringBuilder(source);
    for (CellText.Span magic : CellText.of(source).magics()) {
      for (int i = magic.start(); i < magic.end(); i++) {
        if (source.charAt(i) != '\n' && source.charAt(i) != '\r') {
          java.setCharAt(i, ' ');
        }
      }
    }
    return java.toString();
  }

  /** Throws if the cell ends within a comment or a text block; JShell would skip that silently. */
  void requireClosed() throws CellException {
    int open = CellText.of(source).unclosed();
    if (open >= 0) {
      boolean comment = source.startsWith("/*", open);
      throw new CellException(
          "CompilationError",
          String.format(
              "Expected %s at the end of the %s that starts in line %s, found the end of the cell."
                  + " Close the %2$s.",
              comment ? "*/" : "\"\"\"", comment ? "comment" : "text block", lineAt(open)));
    }
  }

  /** The number of the line, from 1, at this position of the source. */
  int lineAt(int position) {
    return (int) source.substring(0, position).chars().filter(c -> c == '\n').count() + 1;
  }

  /** The text of a line, from 1. */
  String line(int line) {
    return source.split("\\R", -1)[line - 1];
  }

  /** The column, from 0, at this position of the source. */
  int columnAt(int position) {
    return position - (source.lastIndexOf('\n', position - 1) + 1);
  }
}
