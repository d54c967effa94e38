package emnist.kernel.protocol;

import java.util.Locale;
import org.zeromq.SocketType;

/** The five channels of a kernel; each has a socket of its own. */
public enum Channel {
  SHELL("shell_port", SocketType.ROUTER),
  CONTROL("control_port", SocketType.ROUTER),
  STDIN("stdin_port", SocketType.ROUTER),
  /** An XPUB socket, because a PUB socket keeps what strangers send to it. */
  IOPUB("iopub_port", SocketType.XPUB),
  /** A ROUTER socket, because it can send back whatever it receives. */
  HEARTBEAT("hb_port", SocketType.ROUTER);

  private final String port;
  private final SocketType socket;

  Channel(String port, SocketType socket) {
    this.port = port;
    this.socket = socket;
  }

  /** The name of the port's number in the connection file. */
  String port() {
    return port;
  }

  SocketType socket() {
    return socket;
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
