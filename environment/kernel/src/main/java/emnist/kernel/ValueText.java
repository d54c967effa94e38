package emnist.kernel;

import java.lang.reflect.Array;
import java.util.Collection;
import java.util.Iterator;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;

/** Writes values as their {@code toString()} does, but with the elements of arrays and a limit. */
final class ValueText {

  /** Of a list of elements, in UTF-16 units: about 15 lines. */
  private static final int LIST_LIMIT = 2_000;

  /** Of any other text: about 100 lines. */
  private static final int TEXT_LIMIT = 10_000;

  /** Deeper elements are left out: a list may contain itself. */
  private static final int DEPTH = 10;

  private final StringBuilder text = new StringBuilder();

  private ValueText() {}

  /** The text of a value; if a {@code toString()} in it throws, a text that says so. */
  static String of(Object value) {
    try {
      ValueText result = new ValueText();
      result.append(value, 0);
      return result.text.toString();
    } catch (Exception | StackOverflowError | LinkageError e) {
      return value.getClass().getSimpleName() + " (toString() threw " + e + ")";
    }
  }

  /** At most this many units of a text, and how many there are. */
  static String shorten(CharSequence text, int limit) {
    return text.length() <= limit
        ? text.toString()
        : text.subSequence(0, limit) + "… " + count(text.length(), "characters");
  }

  private void append(Object value, int depth) throws ReflectiveOperationException {
    if (depth > DEPTH) {
      text.append('…');
    } else if (value != null && value.getClass().isArray()) {
      int length = Array.getLength(value);
      Iterator<Object> elements =
          IntStream.range(0, length).mapToObj(i -> Array.get(value, i)).iterator();
      append("[", elements, length, "elements", "]", depth);
    } else if (value instanceof Collection<?> elements && isOfTheJdk(value)) {
      append("[", elements.iterator(), elements.size(), "elements", "]", depth);
    } else if (value instanceof Map<?, ?> map && isOfTheJdk(value)) {
      append("{", map.entrySet().iterator(), map.size(), "entries", "}", depth);
    } else if (value instanceof Map.Entry<?, ?> entry && isOfTheJdk(value)) {
      append(entry.getKey(), depth);
      text.append('=');
      append(entry.getValue(), depth);
    } else {
      CharSequence own = value instanceof CharSequence chars ? chars : String.valueOf(value);
      text.append(shorten(own, TEXT_LIMIT));
    }
  }

  private void append(
      String open, Iterator<?> elements, int size, String unit, String close, int depth)
      throws ReflectiveOperationException {
    text.append(open);
    String separator = "";
    while (elements.hasNext() && text.length() < LIST_LIMIT) {
      text.append(separator);
      append(elements.next(), depth + 1);
      separator = ", ";
    }
    if (elements.hasNext()) {
      text.append(separator).append("… ").append(count(size, unit));
    }
    text.append(close);
  }

  private static String count(int size, String unit) {
    return String.format(Locale.ROOT, "(%,d %s)", size, unit);
  }

  /** Whether the text is the JDK's list of all elements, and not a class's own. */
  private static boolean isOfTheJdk(Object value) throws ReflectiveOperationException {
    return value.getClass().getMethod("toString").getDeclaringClass().getName().startsWith("java.");
  }
}
