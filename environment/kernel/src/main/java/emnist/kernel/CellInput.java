package emnist.kernel;

import com.google.gson.JsonPrimitive;
import emnist.kernel.protocol.Channel;
import emnist.kernel.protocol.MalformedMessage;
import emnist.kernel.protocol.Message;
import emnist.kernel.protocol.Sockets;
import java.io.InputStream;
import java.nio.charset.Charset;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CancellationException;

/**
 * {@code System.in}: asks the front end for a line when a cell reads more than it was given.
 *
 * <p>Its errors are unchecked, because {@code Scanner} hides an {@code IOException}.
 */
final class CellInput extends InputStream {

  private final Sockets sockets;
  private final CellOutput output;
  private Message cell;
  private boolean allowed;
  private Message question;
  private byte[] line = {};
  private int next;

  CellInput(Sockets sockets, CellOutput output) {
    this.sockets = sockets;
    this.output = output;
  }

  /**
   * Forgets unread input and lets another cell read.
   *
   * @param cell the cell, or null if none runs any more
   * @param allowed whether the front end answers questions
   */
  synchronized void attach(Message cell, boolean allowed) {
    this.cell = cell;
    this.allowed = allowed;
    question = null;
    line = new byte[0];
    next = 0;
    notifyAll();
  }

  /** Takes an answer of the front end, unless it answers an earlier question. */
  synchronized void receive(Message answer) throws MalformedMessage {
    if (!answer.type().equals("input_reply")) {
      throw new MalformedMessage("its type is unknown");
    }
    String text = answer.text("value") + "\n";
    boolean late =
        question == null
            || answer.parent().get("msg_id") instanceof JsonPrimitive id
                && !id.getAsString().equals(question.id());
    if (!late) {
      question = null;
      line = text.getBytes(Charset.defaultCharset()); // as Scanner and InputStreamReader expect
      next = 0;
      notifyAll();
    }
  }

  @Override
  public int read() {
    byte[] one = new byte[1];
    read(one, 0, 1);
    return one[0] & 0xff;
  }

  @Override
  public synchronized int read(byte[] bytes, int offset, int length) {
    Objects.checkFromIndexSize(offset, length, bytes.length);
    Message reader = cell;
    while (length > 0 && available() == 0) {
      if (reader == null || reader != cell) {
        throw new IllegalStateException(
            "Expected a running cell, found none. Read System.in before the cell ends.");
      }
      awaitLine();
    }
    int count = Math.min(length, available());
    System.arraycopy(line, next, bytes, offset, count);
    next += count;
    return count;
  }

  @Override
  public synchronized int available() {
    return line.length - next;
  }

  private void awaitLine() {
    if (!allowed) {
      throw new IllegalStateException(
          "Expected a notebook that asks for input, found one that does not (allow_stdin is false)."
              + " Run the cell in JupyterLab, or write the value into the cell.");
    }
    if (question == null) {
      output.sendPrinted();
      question =
          cell.answer(Channel.STDIN, "input_request", Map.of("prompt", "", "password", false));
      sockets.send(question);
    }
    try {
      wait();
    } catch (InterruptedException e) {
      question = null;
      Thread.currentThread().interrupt();
      throw new CancellationException("The cell was interrupted while it waited for input.");
    }
  }
}
