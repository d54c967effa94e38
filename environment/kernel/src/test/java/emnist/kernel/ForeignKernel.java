package emnist.kernel;

import io.github.spencerpark.jupyter.channels.JupyterConnection;
import io.github.spencerpark.jupyter.kernel.BaseKernel;
import io.github.spencerpark.jupyter.kernel.KernelConnectionProperties;
import io.github.spencerpark.jupyter.kernel.LanguageInfo;
import io.github.spencerpark.jupyter.kernel.display.DisplayData;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.UUID;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Collectors;
import jdk.jshell.JShell;
import jdk.jshell.Snippet.SubKind;
import jdk.jshell.SnippetEvent;
import jdk.jshell.SourceCodeAnalysis.Completeness;
import jdk.jshell.SourceCodeAnalysis.CompletionInfo;
import jdk.jshell.execution.DirectExecutionControl;
import jdk.jshell.spi.ExecutionControl;
import jdk.jshell.spi.ExecutionControlProvider;
import jdk.jshell.spi.ExecutionEnv;

/**
 * Stands in for IJava in tests. It has IJava's imports and methods for cells and nothing more, and
 * loads classes in IJava's order: first the kernel's libraries, then those of {@code
 * IJAVA_CLASSPATH}.
 */
public final class ForeignKernel extends BaseKernel {

  private static final String IMPORTS =
      """
      import java.util.*;
      import java.io.*;
      import java.math.*;
      import java.net.*;
      import java.util.concurrent.*;
      import java.util.prefs.*;
      import java.util.regex.*;
      import static emnist.kernel.ForeignKernel.*;
      """;

  private static ForeignKernel kernel;

  private final Values values = new Values();
  private final JShell shell = JShell.builder().executionEngine(values, Map.of()).build();

  /** Keeps the value of the last snippet as an object; JShell itself makes a text of it. */
  private static final class Values extends DirectExecutionControl
      implements ExecutionControlProvider {

    private Object last;

    @Override
    protected String invoke(Method snippet) throws Exception {
      last = snippet.invoke(null);
      return "";
    }

    @Override
    public String name() {
      return "values";
    }

    @Override
    public ExecutionControl generate(ExecutionEnv env, Map<String, String> parameters) {
      return this;
    }
  }

  private ForeignKernel() throws Exception {
    for (String entry : System.getenv("IJAVA_CLASSPATH").split(":")) {
      shell.addToClasspath(entry);
    }
    eval(IMPORTS);
  }

  /**
   * Starts the kernel.
   *
   * @param args the path of the connection file that Jupyter wrote
   */
  public static void main(String[] args) throws Exception {
    Logger.getLogger("").setLevel(Level.WARNING);
    JupyterConnection connection =
        new JupyterConnection(KernelConnectionProperties.parse(Files.readString(Path.of(args[0]))));
    kernel = new ForeignKernel();
    kernel.becomeHandlerForConnection(connection);
    connection.connect();
    connection.waitUntilClose();
    System.exit(0);
  }

  public static ForeignKernel getKernelInstance() {
    return kernel;
  }

  public static DisplayData render(Object value, String... types) {
    return types.length == 0
        ? kernel.renderer.render(value)
        : kernel.renderer.renderAs(value, types);
  }

  public static String display(Object value, String... types) {
    DisplayData data = render(value, types);
    if (!data.hasDisplayId()) {
      data.setDisplayId(UUID.randomUUID().toString());
    }
    kernel.display(data);
    return data.getDisplayId();
  }

  public static void updateDisplay(String id, Object value, String... types) {
    kernel.getIO().display.updateDisplay(id, render(value, types));
  }

  @Override
  public DisplayData eval(String code) throws Exception {
    Object value = null;
    CompletionInfo next = shell.sourceCodeAnalysis().analyzeCompletion(code);
    while (next.completeness() != Completeness.EMPTY) {
      value = evaluate(next.source() == null ? next.remaining() : next.source());
      next = shell.sourceCodeAnalysis().analyzeCompletion(next.remaining());
    }
    return value == null || value instanceof DisplayData
        ? (DisplayData) value
        : renderer.render(value);
  }

  private Object evaluate(String source) throws Exception {
    boolean isExpression = false;
    for (SnippetEvent event : shell.eval(source)) {
      if (event.exception() != null) {
        throw event.exception();
      }
      if (event.causeSnippet() == null && !event.status().isDefined()) {
        throw new IllegalArgumentException(
            shell
                .diagnostics(event.snippet())
                .map(problem -> problem.getMessage(null))
                .collect(Collectors.joining("\n", source, "")));
      }
      SubKind kind = event.snippet().subKind();
      isExpression =
          kind == SubKind.TEMP_VAR_EXPRESSION_SUBKIND
              || kind == SubKind.VAR_VALUE_SUBKIND
              || kind == SubKind.OTHER_EXPRESSION_SUBKIND;
    }
    return isExpression ? values.last : null;
  }

  @Override
  public LanguageInfo getLanguageInfo() {
    return new LanguageInfo.Builder("Java").fileExtension(".jshell").build();
  }
}
