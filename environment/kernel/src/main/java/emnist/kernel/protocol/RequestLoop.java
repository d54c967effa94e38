package emnist.kernel.protocol;

import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/** Answers requests one after the other, and tells the front ends when it is busy. */
public final class RequestLoop {

  /** Answers one type of request. */
  @FunctionalInterface
  public interface Handler {

    /** Returns the content of the reply; only the types named "…_request" have one. */
    Object answer(Message request) throws Exception;
  }

  /** The content of the reply to a cell that does not run. */
  public static final Map<String, Object> ABORTED = Map.of("status", "aborted");

  private static final String EXECUTE = "execute_request";

  private final Sockets sockets;
  private final Map<String, Handler> handlers;
  private final BlockingQueue<Message> waiting = new LinkedBlockingQueue<>();
  private final Queue<Message> aborted = new ArrayDeque<>();
  private volatile boolean ended;

  public RequestLoop(Sockets sockets, Map<String, Handler> handlers) {
    this.sockets = sockets;
    this.handlers = handlers;
  }

  /** The content of a reply that tells success, with these names and values. */
  public static Map<String, Object> ok(Object... namesAndValues) {
    Map<String, Object> content = new LinkedHashMap<>(Map.of("status", "ok"));
    for (int i = 0; i < namesAndValues.length; i += 2) {
      content.put((String) namesAndValues[i], namesAndValues[i + 1]);
    }
    return content;
  }

  /** Adds a request to the queue. */
  public void add(Message request) {
    waiting.add(request);
  }

  /** Answers requests until a handler calls {@link #end}. */
  public void run() {
    while (!ended) {
      try {
        serve(waiting.take());
      } catch (InterruptedException e) {
        // Came too late for its cell.
      }
      while (!aborted.isEmpty()) {
        Message request = aborted.remove();
        if (request.type().equals(EXECUTE)) {
          serve(request, ignored -> ABORTED);
        } else {
          serve(request);
        }
      }
    }
  }

  /** Ends the loop after the request that it answers now. */
  public void end() {
    ended = true;
  }

  /** Called by a handler, aborts the cells that wait at this moment, such as those of "Run All". */
  public void abortWaiting() {
    waiting.drainTo(aborted);
  }

  private void serve(Message request) {
    Handler handler = handlers.get(request.type());
    if (handler == null) {
      Warnings.refused(request.channel(), "its type is unknown");
    } else {
      serve(request, handler);
    }
  }

  private void serve(Message request, Handler handler) {
    sockets.send(request.publish("status", Map.of("execution_state", "busy")));
    try {
      reply(request, handler.answer(request));
    } catch (MalformedMessage e) {
      Warnings.refused(request.channel(), e.getMessage());
      reply(request, error(e));
    } catch (Throwable e) {
      Warnings.once("Answering a message failed with " + e.getClass().getName() + ".");
      reply(request, error(e));
    }
    sockets.send(request.publish("status", Map.of("execution_state", "idle")));
  }

  private void reply(Message request, Object content) {
    String type = request.type().replace("_request", "_reply");
    if (!type.equals(request.type())) {
      sockets.send(request.answer(request.channel(), type, content));
    }
  }

  private static Map<String, Object> error(Throwable e) {
    return Map.of(
        "status", "error",
        "ename", e.getClass().getSimpleName(),
        "evalue", String.valueOf(e.getMessage()),
        "traceback", List.of(e.toString()));
  }
}
