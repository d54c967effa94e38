package emnist.kernel;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The text of one cell.
 *
 * @param number the number in the notebook's margin
 * @param source the text as typed
 */
record Cell(int number, String source) {

  private static final Pattern MAGIC =
      Pattern.compile("(?m)^[ \\t]*%(classpath|jars|maven)\\b([^\\r\\n]*)$");

  /** One line such as {@code %jars lib/*.jar}. */
  record Magic(String name, List<String> arguments) {}

  List<Magic> magics() {
    List<Magic> magics = new ArrayList<>();
    Matcher matcher = MAGIC.matcher(source);
    while (matcher.find()) {
      String arguments = matcher.group(2).strip();
      magics.add(
          new Magic(
              matcher.group(1),
              arguments.isEmpty() ? List.of() : List.of(arguments.split("\\s+"))));
    }
    return magics;
  }

  /** The source with magics replaced by spaces, so that positions stay the same. */
  String java() {
    return MAGIC.matcher(source).replaceAll(magic -> " ".repeat(magic.group().length()));
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
