package emnist.kernel;

import io.github.spencerpark.jupyter.channels.JupyterSocket;
import io.github.spencerpark.jupyter.kernel.display.DisplayData;
import io.github.spencerpark.jupyter.messages.ContentType;
import io.github.spencerpark.jupyter.messages.Message;
import io.github.spencerpark.jupyter.messages.MessageContext;
import io.github.spencerpark.jupyter.messages.publish.PublishDisplayData;
import io.github.spencerpark.jupyter.messages.publish.PublishStream;
import io.github.spencerpark.jupyter.messages.publish.PublishStream.StreamType;
import io.github.spencerpark.jupyter.messages.publish.PublishUpdateDisplayData;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Sends everything that cells print and display to the notebook, in order and while they run.
 *
 * <p>A separate thread does the sending, because using a socket on an interrupted thread closes it
 * for good. Text printed within 50 ms is sent as one message, because the socket drops messages
 * that arrive faster than the notebook reads them.
 */
final class CellOutput {

  private static final long DELAY_MILLIS = 50;

  private final ScheduledExecutorService sender =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread thread = new Thread(task, "cell-output");
            thread.setDaemon(true);
            return thread;
          });
  private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
  private StreamType printedTo = StreamType.OUT;
  private JupyterSocket socket;
  private MessageContext cell;

  /** Makes {@code System.out} and {@code System.err} print into the notebook. */
  void captureSystemStreams() {
    System.setOut(new PrintStream(new Stream(StreamType.OUT), false, StandardCharsets.UTF_8));
    System.setErr(new PrintStream(new Stream(StreamType.ERR), false, StandardCharsets.UTF_8));
  }

  /** Assigns all output from now on to this cell, including that of threads that outlive it. */
  synchronized void attach(JupyterSocket socket, MessageContext cell) {
    sendPrinted();
    this.socket = socket;
    this.cell = cell;
  }

  synchronized void display(DisplayData data) {
    sendPrinted();
    send(new PublishDisplayData(data));
  }

  synchronized void updateDisplay(DisplayData data) {
    sendPrinted();
    send(new PublishUpdateDisplayData(data));
  }

  /** Waits until everything printed and displayed so far has been sent. */
  void drain() throws Exception {
    synchronized (this) {
      sendPrinted();
    }
    sender.submit(() -> {}).get();
  }

  private synchronized void print(StreamType stream, byte[] bytes, int offset, int length) {
    if (stream != printedTo) {
      sendPrinted();
      printedTo = stream;
    }
    if (printed.size() == 0) {
      sender.schedule(this::sendPrinted, DELAY_MILLIS, TimeUnit.MILLISECONDS);
    }
    printed.write(bytes, offset, length);
  }

  private synchronized void sendPrinted() {
    if (printed.size() > 0 && socket != null) {
      send(new PublishStream(printedTo, printed.toString(StandardCharsets.UTF_8)));
      printed.reset();
    }
  }

  private <T extends ContentType<T>> void send(T content) {
    JupyterSocket to = socket;
    Message<T> message = new Message<>(cell, content.getType(), content);
    sender.execute(() -> to.sendMessage(message));
  }

  /** One of the two streams. Flushing does nothing, because text is sent within 50 ms anyway. */
  private final class Stream extends OutputStream {

    private final StreamType type;

    Stream(StreamType type) {
      this.type = type;
    }

    @Override
    public void write(int b) {
      print(type, new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) {
      print(type, bytes, offset, length);
    }
  }
}
