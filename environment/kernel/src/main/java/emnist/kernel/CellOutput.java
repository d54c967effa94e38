package emnist.kernel;

import emnist.kernel.protocol.Message;
import emnist.kernel.protocol.Sockets;
import io.github.spencerpark.jupyter.kernel.display.DisplayData;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Sends everything that cells print and display to the notebook, in order and while they run.
 *
 * <p>Text printed within 50 ms is sent as one message, because a notebook reads few large messages
 * much faster than many small ones.
 */
final class CellOutput {

  private static final long DELAY_MILLIS = 50;

  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread thread = new Thread(task, "cell-output");
            thread.setDaemon(true);
            return thread;
          });
  private final Sockets sockets;
  private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
  private String printedTo = "stdout";
  private Message cell;

  CellOutput(Sockets sockets) {
    this.sockets = sockets;
  }

  /** Makes {@code System.out} and {@code System.err} print into the notebook. */
  void captureSystemStreams() {
    System.setOut(new PrintStream(new Stream("stdout"), false, StandardCharsets.UTF_8));
    System.setErr(new PrintStream(new Stream("stderr"), false, StandardCharsets.UTF_8));
  }

  /** Assigns all output from now on to this cell, including that of threads that outlive it. */
  synchronized void attach(Message cell) {
    sendPrinted();
    this.cell = cell;
  }

  void display(DisplayData data) {
    send("display_data", Message.json(data));
  }

  void updateDisplay(DisplayData data) {
    send("update_display_data", Message.json(data));
  }

  /** Sends a message about the cell after everything printed so far. */
  synchronized void send(String type, Object content) {
    sendPrinted();
    if (cell != null) {
      sockets.send(cell.publish(type, content));
    }
  }

  /** Sends everything printed so far. */
  synchronized void sendPrinted() {
    if (printed.size() > 0 && cell != null) {
      String text = printed.toString(StandardCharsets.UTF_8);
      sockets.send(cell.publish("stream", Map.of("name", printedTo, "text", text)));
      printed.reset();
    }
  }

  private synchronized void print(String stream, byte[] bytes, int offset, int length) {
    if (!stream.equals(printedTo)) {
      sendPrinted();
      printedTo = stream;
    }
    if (printed.size() == 0) {
      timer.schedule(this::sendPrinted, DELAY_MILLIS, TimeUnit.MILLISECONDS);
    }
    printed.write(bytes, offset, length);
  }

  /** One of the two streams. Flushing does nothing, because text is sent within 50 ms anyway. */
  private final class Stream extends OutputStream {

    private final String name;

    Stream(String name) {
      this.name = name;
    }

    @Override
    public void write(int b) {
      print(name, new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) {
      print(name, bytes, offset, length);
    }
  }
}
