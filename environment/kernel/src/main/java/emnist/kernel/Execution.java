package emnist.kernel;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import emnist.kernel.protocol.MalformedMessage;
import emnist.kernel.protocol.Message;
import emnist.kernel.protocol.RequestLoop;
import emnist.kernel.protocol.Warnings;
import io.github.spencerpark.jupyter.kernel.display.DisplayData;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/** Answers execute requests: runs cells and sends what comes of them. */
final class Execution {

  private static final long SAVE_SECONDS = 30;

  private final CellRunner runner;
  private final Rendering rendering;
  private final CellOutput output;
  private final CellInput input;
  private final ReentrantLock running = new ReentrantLock();
  private int next = 1;
  private int number;
  private volatile boolean ended;

  Execution(CellRunner runner, Rendering rendering, CellOutput output, CellInput input) {
    this.runner = runner;
    this.rendering = rendering;
    this.output = output;
    this.input = input;
  }

  /**
   * Runs a cell.
   *
   * @param abortWaiting called if the cells that wait must not run, because this one failed
   * @return the content of the reply
   */
  Object execute(Message request, Runnable abortWaiting) throws MalformedMessage {
    String code = request.text("code");
    boolean silent = request.flag("silent", false);
    boolean counts = request.flag("store_history", true) && !silent;
    boolean stopsOnError = request.flag("stop_on_error", true);
    boolean asks = request.flag("allow_stdin", false);
    JsonObject expressions = request.object("user_expressions");
    running.lock();
    try {
      if (ended) {
        return RequestLoop.ABORTED;
      }
      number = counts ? next++ : next;
      output.attach(request);
      input.attach(request, asks);
      return run(code, silent, expressions);
    } catch (Throwable e) { // also an Error in toString() of a value
      JsonObject error = describe(e);
      output.send("error", error);
      if (stopsOnError) {
        abortWaiting.run();
      }
      JsonObject reply = error.deepCopy();
      reply.addProperty("status", "error");
      reply.addProperty("execution_count", number);
      return reply;
    } finally {
      input.attach(null, false);
      running.unlock();
    }
  }

  private Object run(String code, boolean silent, JsonObject expressions) throws CellException {
    if (!silent) {
      output.send("execute_input", Map.of("code", code, "execution_count", number));
    }
    DisplayData result = eval(code);
    if (result != null && !silent) {
      JsonObject content = Message.json(result);
      content.addProperty("execution_count", number);
      output.send("execute_result", content);
    }
    Map<String, Object> values = new LinkedHashMap<>();
    for (Map.Entry<String, JsonElement> expression : expressions.entrySet()) {
      values.put(expression.getKey(), valueOf(expression.getValue()));
    }
    output.sendPrinted();
    return RequestLoop.ok(
        "execution_count", number, "payload", List.of(), "user_expressions", values);
  }

  /** The value of a user expression, in the form of a reply. */
  private Object valueOf(JsonElement expression) {
    JsonObject content;
    try {
      DisplayData value = eval(expression.getAsString());
      content = Message.json(value == null ? new DisplayData("null") : value);
      content.addProperty("status", "ok");
    } catch (Exception e) {
      content = describe(e);
      content.addProperty("status", "error");
    }
    return content;
  }

  /** Runs code like a cell and returns its value, or null. */
  Object evaluate(String code) throws CellException {
    return runner.run(new Cell(number, code));
  }

  /** Runs code like a cell and renders its value; null if it has none. */
  DisplayData eval(String code) throws CellException {
    return runner.run(
        new Cell(number, code), value -> value == null ? null : rendering.render(value));
  }

  /** Interrupts the running cell and waits until it has saved its state; no other cell runs. */
  synchronized void end() throws InterruptedException {
    if (ended) {
      return;
    }
    ended = true;
    if (calledByCell()) {
      Warnings.print("A cell called System.exit(), which ends the kernel.");
    } else if (running.isLocked()) {
      runner.interrupt();
      if (running.tryLock(SAVE_SECONDS, TimeUnit.SECONDS)) {
        running.unlock();
      }
    }
  }

  /** Whether a cell called {@code System.exit()}: such a cell does not end before the kernel. */
  private static boolean calledByCell() {
    return Thread.getAllStackTraces().values().stream()
        .map(Arrays::asList)
        .anyMatch(
            frames ->
                frames.stream().anyMatch(f -> f.getClassName().equals("java.lang.Shutdown"))
                    && frames.stream().anyMatch(f -> f.getClassName().startsWith("REPL.")));
  }

  private static JsonObject describe(Throwable e) {
    if (e instanceof CellException cell) {
      return error(cell.name(), cell.getMessage(), cell.report());
    }
    StringWriter trace = new StringWriter();
    e.printStackTrace(new PrintWriter(trace));
    return error(e.getClass().getSimpleName(), e.getMessage(), trace.toString().lines().toList());
  }

  private static JsonObject error(String name, String message, List<String> report) {
    return Message.json(
        Map.of("ename", name, "evalue", String.valueOf(message), "traceback", report));
  }
}
