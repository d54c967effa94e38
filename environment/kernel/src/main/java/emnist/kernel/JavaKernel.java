package emnist.kernel;

import io.github.spencerpark.jupyter.channels.JupyterConnection;
import io.github.spencerpark.jupyter.channels.ShellChannel;
import io.github.spencerpark.jupyter.channels.ShellHandler;
import io.github.spencerpark.jupyter.channels.ShellReplyEnvironment;
import io.github.spencerpark.jupyter.kernel.BaseKernel;
import io.github.spencerpark.jupyter.kernel.KernelConnectionProperties;
import io.github.spencerpark.jupyter.kernel.LanguageInfo;
import io.github.spencerpark.jupyter.kernel.ReplacementOptions;
import io.github.spencerpark.jupyter.kernel.display.DisplayData;
import io.github.spencerpark.jupyter.messages.Message;
import io.github.spencerpark.jupyter.messages.MessageType;
import io.github.spencerpark.jupyter.messages.publish.PublishError;
import io.github.spencerpark.jupyter.messages.publish.PublishExecuteInput;
import io.github.spencerpark.jupyter.messages.publish.PublishExecuteResult;
import io.github.spencerpark.jupyter.messages.reply.ErrorReply;
import io.github.spencerpark.jupyter.messages.reply.ExecuteReply;
import io.github.spencerpark.jupyter.messages.request.ExecuteRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.zeromq.ZMQ;

/** A Jupyter kernel for Java. Cells run in JShell, in this JVM and on its class path. */
public final class JavaKernel extends BaseKernel {

  private static final long SHUTDOWN_GRACE_MILLIS = 3000;

  private final JupyterConnection connection;
  private final CellOutput output = new CellOutput();
  private final Rendering rendering = new Rendering(renderer);
  private final CellRunner runner;
  private final CodeAssistant assistant;

  private JavaKernel(JupyterConnection connection) throws CellException {
    this.connection = connection;
    this.runner = new CellRunner();
    this.assistant = new CodeAssistant(runner.shell().sourceCodeAnalysis());
  }

  /**
   * Starts the kernel.
   *
   * @param args the path of the connection file that Jupyter wrote
   */
  public static void main(String[] args) throws Exception {
    if (args.length != 1) {
      throw new IllegalArgumentException(
          "Expected the path of a Jupyter connection file, found "
              + args.length
              + " arguments. Start this kernel from Jupyter.");
    }
    Logger.getLogger("").setLevel(Level.WARNING);
    endWithJupyter();
    JupyterConnection connection =
        new JupyterConnection(KernelConnectionProperties.parse(Files.readString(Path.of(args[0]))));
    JavaKernel kernel = new JavaKernel(connection);
    Notebook.connect(kernel);
    kernel.becomeHandlerForConnection(connection);
    connection.connect();
    kernel.output.captureSystemStreams();
    connection.waitUntilClose();
    System.exit(0);
  }

  /** Ends the kernel when Jupyter's process ends: a killed Jupyter sends no shutdown request. */
  private static void endWithJupyter() {
    Optional.ofNullable(System.getenv("JPY_PARENT_PID"))
        .flatMap(pid -> ProcessHandle.of(Long.parseLong(pid)))
        .ifPresent(jupyter -> jupyter.onExit().thenRun(() -> Runtime.getRuntime().halt(1)));
  }

  CellOutput output() {
    return output;
  }

  Rendering rendering() {
    return rendering;
  }

  Object evaluate(String code) throws CellException {
    return runner.run(cell(code));
  }

  @Override
  public DisplayData eval(String code) throws CellException {
    return runner.run(cell(code), value -> value == null ? null : rendering.render(value));
  }

  private Cell cell(String code) {
    return new Cell(executionCount.get() - 1, code);
  }

  @Override
  public void becomeHandlerForConnection(JupyterConnection connection) {
    super.becomeHandlerForConnection(connection);
    connection.setHandler(MessageType.EXECUTE_REQUEST, this::execute);
  }

  private void execute(ShellReplyEnvironment env, Message<ExecuteRequest> message) {
    ExecuteRequest request = message.getContent();
    env.setBusyDeferIdle();
    int count = request.isSilent() ? executionCount.get() : executionCount.getAndIncrement();
    if (!request.isSilent()) {
      env.publish(new PublishExecuteInput(request.getCode(), count));
    }
    output.attach(env.getIopub(), message);
    try {
      DisplayData result = evalThenDrain(request.getCode());
      if (result != null && !request.isSilent()) {
        env.publish(new PublishExecuteResult(count, result));
      }
      env.defer().reply(new ExecuteReply(count, Map.of()));
    } catch (Exception e) {
      PublishError error = describe(e);
      env.publish(error);
      ErrorReply reply =
          new ErrorReply(error.getErrorName(), error.getErrorMessage(), error.getStacktrace());
      reply.setExecutionCount(count);
      env.replyError(ExecuteReply.MESSAGE_TYPE.error(), reply);
      if (request.shouldStopOnError()) {
        abortQueuedCells((ShellChannel) env.getShell());
      }
    }
  }

  private DisplayData evalThenDrain(String code) throws Exception {
    try {
      return eval(code);
    } catch (Error e) {
      // An Error would end the base kernel's loop, and with it the kernel.
      throw new IllegalStateException(e);
    } finally {
      output.drain();
    }
  }

  private PublishError describe(Exception e) {
    return e instanceof CellException cell
        ? new PublishError(cell.name(), cell.getMessage(), cell.report())
        : PublishError.of(e, this::formatError);
  }

  /** Aborts the cells that "Run All" queued behind a cell that failed. */
  private void abortQueuedCells(ShellChannel shell) {
    // Reads all before it answers any, because requests sent after an answer must run.
    List<Message<?>> waiting = new ArrayList<>();
    while ((shell.getEvents() & ZMQ.Poller.POLLIN) != 0) {
      waiting.add(shell.readMessage());
    }
    for (Message<?> queued : waiting) {
      ShellReplyEnvironment env = connection.prepareReplyEnv(shell, queued);
      if (queued.getContent() instanceof ExecuteRequest) {
        env.setBusyDeferIdle();
        env.reply(aborted(queued));
      } else {
        handle(env, queued);
      }
      env.resolveDeferrals();
    }
  }

  /** The base library has no content class for this reply. */
  @SuppressWarnings({"unchecked", "rawtypes"})
  private static Message<?> aborted(Message<?> request) {
    return new Message(
        request, (MessageType) ExecuteReply.MESSAGE_TYPE, Map.of("status", "aborted"));
  }

  private <T> void handle(ShellReplyEnvironment env, Message<T> message) {
    ShellHandler<T> handler = connection.getHandler(message.getHeader().getType());
    if (handler != null) {
      handler.handle(env, message);
    }
  }

  @Override
  public void interrupt() {
    runner.interrupt();
  }

  @Override
  public void onShutdown(boolean isRestarting) {
    runner.interrupt();
    Thread end =
        new Thread(
            () -> {
              LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(SHUTDOWN_GRACE_MILLIS));
              Runtime.getRuntime().halt(0);
            },
            "shutdown");
    end.setDaemon(true);
    end.start();
  }

  @Override
  public ReplacementOptions complete(String code, int cursor) {
    int position = code.offsetByCodePoints(0, cursor);
    ReplacementOptions found = assistant.complete(javaOf(code), position);
    return new ReplacementOptions(
        found.getReplacements(), code.codePointCount(0, found.getSourceStart()), cursor);
  }

  @Override
  public DisplayData inspect(String code, int cursor, boolean extraDetail) {
    String found = assistant.inspect(javaOf(code), code.offsetByCodePoints(0, cursor));
    return found.isEmpty() ? null : new DisplayData(found);
  }

  @Override
  public String isComplete(String code) {
    return assistant.completeness(javaOf(code), IS_COMPLETE_YES, IS_COMPLETE_BAD);
  }

  private String javaOf(String code) {
    return new Cell(executionCount.get(), code).java();
  }

  @Override
  public LanguageInfo getLanguageInfo() {
    return new LanguageInfo.Builder("Java")
        .version(Runtime.version().toString())
        .mimetype("text/x-java-source")
        .fileExtension(".jshell")
        .pygments("java")
        .codemirror("java")
        .build();
  }

  @Override
  public String getBanner() {
    return "Java " + Runtime.version();
  }
}
