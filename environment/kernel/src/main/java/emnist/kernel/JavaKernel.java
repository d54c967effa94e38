package emnist.kernel;

import emnist.kernel.protocol.Channel;
import emnist.kernel.protocol.ConnectionFile;
import emnist.kernel.protocol.MalformedMessage;
import emnist.kernel.protocol.Message;
import emnist.kernel.protocol.RequestLoop;
import emnist.kernel.protocol.Sockets;
import emnist.kernel.protocol.Warnings;
import io.github.spencerpark.jupyter.kernel.display.DisplayData;
import io.github.spencerpark.jupyter.kernel.display.Renderer;
import io.github.spencerpark.jupyter.kernel.display.common.Image;
import io.github.spencerpark.jupyter.kernel.display.common.Text;
import io.github.spencerpark.jupyter.kernel.display.common.Url;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.logging.Level;
import java.util.logging.Logger;

/** A Jupyter kernel for Java. Cells run in JShell, in this JVM and on its class path. */
public final class JavaKernel {

  private static final String NAME = "emnist-kernel";
  private static final String VERSION = "1.0.0";

  private static final Set<String> URGENT =
      Set.of("interrupt_request", "kernel_info_request", "shutdown_request");

  private final Renderer renderer = new Renderer();
  private final Rendering rendering = new Rendering(renderer);
  private final RequestLoop shell;
  private final RequestLoop control;
  private final Sockets sockets;
  private final CellOutput output;
  private final CellInput input;
  private final CellRunner runner;
  private final Execution execution;

  private JavaKernel(ConnectionFile file) throws Exception {
    Image.registerAll(renderer);
    Url.registerAll(renderer);
    Text.registerAll(renderer);
    sockets = new Sockets(file, this::receive);
    output = new CellOutput(sockets);
    input = new CellInput(sockets, output);
    runner = new CellRunner();
    execution = new Execution(runner, rendering, output, input);
    CodeRequests code = new CodeRequests(runner.shell().sourceCodeAnalysis());
    Map<String, RequestLoop.Handler> handlers =
        Map.ofEntries(
            Map.entry("comm_close", request -> null),
            Map.entry("comm_info_request", request -> RequestLoop.ok("comms", Map.of())),
            Map.entry("comm_msg", request -> null),
            Map.entry("comm_open", this::refuseComm),
            Map.entry("complete_request", code::complete),
            Map.entry("execute_request", this::execute),
            Map.entry("history_request", request -> RequestLoop.ok("history", List.of())),
            Map.entry("inspect_request", code::inspect),
            Map.entry("interrupt_request", this::interrupt),
            Map.entry("is_complete_request", code::isComplete),
            Map.entry("kernel_info_request", this::info),
            Map.entry("shutdown_request", this::shutDown));
    shell = new RequestLoop(sockets, handlers);
    control = new RequestLoop(sockets, handlers);
  }

  /**
   * Starts the kernel.
   *
   * @param args the path of the connection file that Jupyter wrote
   */
  public static void main(String[] args) {
    try {
      if (args.length != 1) {
        throw new IOException(
            "Expected the path of a Jupyter connection file, found "
                + args.length
                + " arguments. Start this kernel from Jupyter.");
      }
      Logger.getLogger("").setLevel(Level.WARNING);
      JavaKernel kernel = new JavaKernel(ConnectionFile.read(Path.of(args[0])));
      Notebook.connect(kernel);
      kernel.run();
    } catch (Throwable e) {
      Warnings.print(
          e instanceof IOException
              ? e.getMessage()
              : "Expected a kernel that starts, found " + e + ". Run make setup again.");
      System.exit(1);
    }
    System.exit(0);
  }

  private void run() {
    Runtime.getRuntime().addShutdownHook(new Thread(this::end, "shutdown"));
    endWithJupyter();
    output.captureSystemStreams();
    System.setIn(input);
    Thread controlThread =
        new Thread(
            () -> {
              control.run();
              System.exit(0);
            },
            "control");
    controlThread.setDaemon(true);
    controlThread.start();
    sockets.start();
    shell.run();
  }

  /** Ends the kernel when Jupyter's process ends: a killed Jupyter sends no shutdown request. */
  private static void endWithJupyter() {
    Optional.ofNullable(System.getenv("JPY_PARENT_PID"))
        .flatMap(pid -> ProcessHandle.of(Long.parseLong(pid)))
        .ifPresent(jupyter -> jupyter.onExit().thenRun(() -> System.exit(1)));
  }

  /** Runs when the JVM ends, also after SIGTERM. */
  private void end() {
    try {
      execution.end();
      sockets.close();
    } catch (InterruptedException e) {
      // Ends without waiting.
    }
  }

  /** Queues a message; those that must not wait for a running cell have a queue of their own. */
  private void receive(Message message) throws MalformedMessage {
    if (message.channel() == Channel.STDIN) {
      input.receive(message);
    } else if (message.channel() == Channel.CONTROL && URGENT.contains(message.type())) {
      control.add(message);
    } else {
      shell.add(message);
    }
  }

  private Object execute(Message request) throws MalformedMessage {
    return execution.execute(request, shell::abortWaiting);
  }

  private Object interrupt(Message request) {
    runner.interrupt();
    return RequestLoop.ok();
  }

  private Object shutDown(Message request) throws MalformedMessage, InterruptedException {
    execution.end();
    shell.end();
    control.end();
    return RequestLoop.ok("restart", request.flag("restart", false));
  }

  private Object info(Message request) {
    if (request.channel() == Channel.SHELL) {
      // JupyterLab ignores the statuses that belong to this type of request, so without one of its
      // own it would not know that a kernel that has run nothing yet is idle.
      sockets.send(Message.status("idle"));
    }
    String version = Runtime.version().toString();
    return RequestLoop.ok(
        "protocol_version",
        Message.PROTOCOL,
        "implementation",
        NAME,
        "implementation_version",
        VERSION,
        "banner",
        "Java " + version,
        "help_links",
        List.of(),
        "language_info",
        Map.of(
            "name", "Java",
            "version", version,
            "mimetype", "text/x-java-source",
            "file_extension", ".jshell",
            "pygments_lexer", "java",
            "codemirror_mode", "java"));
  }

  /** This kernel has no comms, so it closes what a front end opens. */
  private Object refuseComm(Message request) throws MalformedMessage {
    Map<String, Object> content = Map.of("comm_id", request.text("comm_id"), "data", Map.of());
    sockets.send(request.publish("comm_close", content));
    return null;
  }

  CellOutput output() {
    return output;
  }

  Rendering rendering() {
    return rendering;
  }

  /** What {@code display} uses; cells can register renderers of their own, as in IJava. */
  public Renderer getRenderer() {
    return renderer;
  }

  /** Shows rendered data under the cell. */
  public void display(DisplayData data) {
    output.display(data);
  }

  /** Runs code like a cell and returns its value rendered, or null. */
  public DisplayData eval(String code) throws Exception {
    return execution.eval(code);
  }

  /** Runs code like a cell and returns the value of its last expression, or null. */
  public Object evalRaw(String code) throws Exception {
    return execution.evaluate(code);
  }

  /** Adds a folder or a jar file to the class path of the cells. */
  public void addToClasspath(String path) {
    runner.shell().addToClasspath(path);
  }
}
