package emnist.kernel;

/**
 * Ends the code of an interrupted cell. It is an error, so that {@code catch (Exception e)} in the
 * cell lets it pass.
 */
final class CellStopped extends Error {

  CellStopped() {
    super("The cell was interrupted.");
  }

  /** Whether this is the reason for a failure. */
  static boolean caused(Throwable failure) {
    for (Throwable e = failure; e != null; e = e.getCause()) {
      if (e instanceof CellStopped) {
        return true;
      }
    }
    return false;
  }
}
