package emnist.diffusion.torch;

import ai.djl.engine.EngineException;

/** PyTorch's errors in one line. */
public final class EngineErrors {

  private static final String REASON = "\nRuntimeError: ";

  private EngineErrors() {}

  /**
   * What went wrong, without the traces: TorchScript puts its own before the reason, and C++ its
   * own behind it.
   */
  public static String reason(EngineException e) {
    String message = String.valueOf(e.getMessage());
    int traced = message.lastIndexOf(REASON);
    String reason = traced < 0 ? message : message.substring(traced + REASON.length());
    return reason.lines().findFirst().orElse("");
  }
}
