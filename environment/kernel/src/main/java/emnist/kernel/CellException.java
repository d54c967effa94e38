package emnist.kernel;

import java.util.List;

/** The failure of a cell as the notebook shows it: a compilation error, exception or interrupt. */
final class CellException extends Exception {

  private final String name;
  private final transient List<String> report;

  /**
   * @param name short name of the error, such as {@code IllegalStateException}
   * @param message the error in one line
   * @param report the lines shown under the cell
   */
  CellException(String name, String message, List<String> report) {
    super(message);
    this.name = name;
    this.report = List.copyOf(report);
  }

  /** An error of one sentence. */
  CellException(String name, String message) {
    this(name, message, List.of(ErrorReport.red(message)));
  }

  String name() {
    return name;
  }

  List<String> report() {
    return report;
  }
}
