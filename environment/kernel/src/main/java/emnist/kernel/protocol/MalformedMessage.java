package emnist.kernel.protocol;

/** A message that breaks the protocol. */
public final class MalformedMessage extends Exception {

  /**
   * @param reason what is wrong, such as {@code "its signature is wrong"}; without any part of the
   *     message, so that messages of one kind have the same reason
   */
  public MalformedMessage(String reason) {
    super(reason);
  }
}
