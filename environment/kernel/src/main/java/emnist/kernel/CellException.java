package emnist.kernel;

import java.util.List;

/**
 * A cell that did not compile, threw an exception, or was interrupted, as the reader shall see it.
 */
final class CellException extends Exception {

  private final String name;
  private final transient List<String> report;

  /**
   * @param name the short name of what went wrong, for example {@code IllegalStateException}
   * @param message one line
   * @param report the lines shown under the cell
   */
  CellException(String name, String message, List<String> report) {
    super(message);
    this.name = name;
    this.report = List.copyOf(report);
  }

  String name() {
    return name;
  }

  List<String> report() {
    return report;
  }
}
