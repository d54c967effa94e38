package emnist.kernel.protocol;

import java.io.IOException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.zeromq.ZContext;
import org.zeromq.ZMQ;
import org.zeromq.ZMQException;

/**
 * The kernel's five sockets.
 *
 * <p>One thread uses them all. It runs no code of a cell, so that nothing interrupts it (a socket
 * used by an interrupted thread may break) and messages come and go while a cell runs. What is not
 * a message of the protocol is dropped.
 */
public final class Sockets {

  /** Takes the messages that arrive. */
  @FunctionalInterface
  public interface Receiver {

    /** Must not wait. */
    void receive(Message message) throws MalformedMessage;
  }

  /**
   * A message that says that it is larger ends its connection before memory is set aside for it.
   */
  private static final long MAX_MESSAGE_BYTES = 64 << 20;

  private static final int LINGER_MILLIS = 1000;

  private final ZContext context = new ZContext();
  private final Map<Channel, ZMQ.Socket> sockets = new EnumMap<>(Channel.class);
  private final Selector selector = Selector.open();
  private final Queue<Message> outgoing = new ConcurrentLinkedQueue<>();
  private final Thread thread = new Thread(this::run, "sockets");
  private final Signatures signatures;
  private final Receiver receiver;
  private volatile boolean closed;

  /**
   * Opens the sockets.
   *
   * @param receiver takes what comes from the shell, control and stdin channels
   */
  public Sockets(ConnectionFile file, Receiver receiver)
      throws IOException, GeneralSecurityException {
    this.signatures = new Signatures(file);
    this.receiver = receiver;
    context.setLinger(LINGER_MILLIS);
    context.setNotificationExceptionHandler(
        (thread, e) -> Warnings.once("A connection failed with " + e.getClass().getName() + "."));
    context.setUncaughtExceptionHandler(
        (thread, e) -> {
          Warnings.print("Expected working connections, found " + e + ". Start the kernel again.");
          System.exit(1);
        });
    for (Channel channel : Channel.values()) {
      sockets.put(channel, open(channel, file.endpoints().get(channel)));
    }
    thread.setDaemon(true);
  }

  private ZMQ.Socket open(Channel channel, String endpoint) throws IOException {
    ZMQ.Socket socket = context.createSocket(channel.socket());
    socket.setHWM(0); // no limit: nothing printed is lost
    socket.setMaxMsgSize(MAX_MESSAGE_BYTES);
    if (channel != Channel.IOPUB) {
      socket.setRouterHandover(true); // a front end may connect again under its name
    }
    socket.setEventHook(
        event -> warnOfStranger(channel, event.getValue()), ZMQ.EVENT_HANDSHAKE_PROTOCOL);
    try {
      socket.bind(endpoint);
    } catch (ZMQException e) {
      throw new IOException(
          String.format(
              "Expected a free port at %s for the %s channel, found %s. Start the kernel again.",
              endpoint, channel, e.getMessage()),
          e);
    }
    socket.getFD().register(selector, SelectionKey.OP_READ);
    return socket;
  }

  /** Starts to receive and send. */
  public void start() {
    thread.start();
  }

  /** Sends a message soon. Any thread may call this, also an interrupted one. */
  public void send(Message message) {
    outgoing.add(message);
    selector.wakeup();
  }

  /** Sends what waits, then closes the sockets. */
  public void close() throws InterruptedException {
    closed = true;
    selector.wakeup();
    thread.join(2 * LINGER_MILLIS);
  }

  private void run() {
    while (!closed || !outgoing.isEmpty()) {
      try {
        while (exchange()) {
          // Until nothing is left to send or receive.
        }
        if (!closed) {
          selector.select();
          selector.selectedKeys().clear();
        }
      } catch (Throwable e) {
        Warnings.once("Receiving or sending failed with " + e.getClass().getName() + ".");
      }
    }
    context.close();
  }

  /** Sends all that waits and receives one message from each socket, so that none has to wait. */
  private boolean exchange() {
    boolean any = false;
    for (Message message = outgoing.poll(); message != null; message = outgoing.poll()) {
      send(sockets.get(message.channel()), message.frames(signatures));
    }
    for (Channel channel : Channel.values()) {
      ZMQ.Socket socket = sockets.get(channel);
      if ((socket.getEvents() & ZMQ.Poller.POLLIN) != 0) {
        receive(channel, socket);
        any = true;
      }
    }
    return any;
  }

  private void receive(Channel channel, ZMQ.Socket socket) {
    List<byte[]> frames = new ArrayList<>();
    for (byte[] frame = socket.recv(ZMQ.DONTWAIT);
        frame != null;
        frame = socket.hasReceiveMore() ? socket.recv(ZMQ.DONTWAIT) : null) {
      frames.add(frame);
    }
    switch (channel) {
      case HEARTBEAT -> send(socket, frames);
      case IOPUB -> {
        // A front end has subscribed.
      }
      default -> {
        try {
          receiver.receive(Message.parse(channel, frames, signatures));
        } catch (MalformedMessage e) {
          Warnings.refused(channel, e.getMessage());
        }
      }
    }
  }

  private static void send(ZMQ.Socket socket, List<byte[]> frames) {
    for (int i = 0; i < frames.size(); i++) {
      socket.send(frames.get(i), i < frames.size() - 1 ? ZMQ.SNDMORE : 0);
    }
  }

  /** A program that does not speak ZeroMQ, such as a web browser, has version 0. */
  private static void warnOfStranger(Channel channel, int version) {
    if (version == 0) {
      Warnings.refused(channel, "its sender does not speak ZeroMQ (perhaps a web page)");
    }
  }
}
