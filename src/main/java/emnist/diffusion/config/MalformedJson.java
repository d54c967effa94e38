package emnist.diffusion.config;

/**
 * A text is not strictly JSON, or not the JSON that was expected. The message fits behind "found"
 * in the sentence of the caller, who knows the file.
 */
public final class MalformedJson extends RuntimeException {

  private static final long serialVersionUID = 1;

  public MalformedJson(String message) {
    super(message);
  }

  MalformedJson(String message, Exception cause) {
    super(message, cause);
  }
}
