package emnist.diffusion.torch;

import ai.djl.engine.EngineException;

/** Shortens PyTorch's errors to one line. */
public final class EngineErrors {

  private static final String REASON = "\nRuntimeError: ";

  private EngineErrors() {}

  /**
   * The reason for an error, without the TorchScript trace before it and the C++ trace after it.
   */
  public static String reason(EngineException e) {
    String message = String.valueOf(e.getMessage());
    int traced = message.lastIndexOf(REASON);
    String reason = traced < 0 ? message : message.substring(traced + REASON.length());
    return reason.lines().findFirst().orElse("");
  }
}
