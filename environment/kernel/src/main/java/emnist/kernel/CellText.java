package emnist.kernel;

import java.util.ArrayList;
import java.util.List;

/**
 * Tells a cell's magics from its Java code, comments, strings, characters and text blocks.
 *
 * <p>A magic is a line that starts with a percent sign where a statement may start. So {@code %} as
 * an operator at the start of a line stays Java.
 */
final class CellText {

  /** A part of the source, without its end. */
  record Span(int start, int end) {}

  private static final String TEXT_BLOCK = "\"\"\"";

  private final String source;
  private final List<Span> magics = new ArrayList<>();
  private int unclosed = -1;

  private CellText(String source) {
    this.source = source;
  }

  static CellText of(String source) {
    CellText text = new CellText(source);
    text.scan();
    return text;
  }

  List<Span> magics() {
    return magics;
  }

  /** The start of the comment or text block that the cell's end cuts off, or -1. */
  int unclosed() {
    return unclosed;
  }

  private void scan() {
    boolean lineStart = true;
    boolean statementStart = true;
    int i = 0;
    while (i < source.length()) {
      int start = i;
      char c = source.charAt(i);
      if (c == '%' && lineStart && statementStart) {
        i = source.startsWith("%%", i) ? source.length() : lineEnd(i);
        magics.add(new Span(start, i));
      } else if (source.startsWith("//", i)) {
        i = lineEnd(i);
      } else if (source.startsWith("/*", i)) {
        i = close(start, source.indexOf("*/", i + 2), 2);
      } else if (c == '\n' || c == '\r') {
        i++;
        lineStart = true;
      } else if (Character.isWhitespace(c)) {
        i++;
      } else {
        i = c == '"' || c == '\'' ? literalEnd(i) : i + 1;
        lineStart = false;
        statementStart = c == ';' || c == '{' || c == '}';
      }
    }
  }

  private int lineEnd(int from) {
    int end = from;
    while (end < source.length() && source.charAt(end) != '\n' && source.charAt(end) != '\r') {
      end++;
    }
    return end;
  }

  /** The end of the string, character or text block that starts here. */
  private int literalEnd(int start) {
    if (source.startsWith(TEXT_BLOCK, start)) {
      return close(start, unescaped(TEXT_BLOCK, start + 3, source.length()), 3);
    }
    int lineEnd = lineEnd(start);
    int quote = unescaped(source.substring(start, start + 1), start + 1, lineEnd);
    return quote < 0 ? lineEnd : quote + 1;
  }

  /** The first place of a quote without a backslash before it, or -1. */
  private int unescaped(String quote, int from, int end) {
    for (int i = from; i < end; i++) {
      if (source.charAt(i) == '\\') {
        i++;
      } else if (source.startsWith(quote, i)) {
        return i;
      }
    }
    return -1;
  }

  private int close(int start, int end, int length) {
    if (end < 0) {
      unclosed = start;
      return source.length();
    }
    return end + length;
  }
}
