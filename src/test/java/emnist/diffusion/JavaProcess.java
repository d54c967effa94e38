package emnist.diffusion;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A program of the tests in a Java process of its own, which may be killed. */
public final class JavaProcess {

  private JavaProcess() {}

  /** Starts {@code main} with this process's Java and class path; its errors appear here. */
  public static Process start(Class<?> main, String... arguments) throws IOException {
    return startIn(Path.of(""), main, arguments);
  }

  /** The same in a folder, to which relative paths then belong. */
  public static Process startIn(Path folder, Class<?> main, String... arguments)
      throws IOException {
    return builder(main, arguments).directory(folder.toAbsolutePath().toFile()).start();
  }

  /** The same, to be started in another environment. */
  public static ProcessBuilder builder(Class<?> main, String... arguments) {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Dorg.slf4j.simpleLogger.defaultLogLevel=error",
                "-cp",
                System.getProperty("java.class.path"),
                main.getName()));
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
  }

  /** Waits until the process prints a line. */
  public static void awaitLine(Process process, String line) throws IOException {
    BufferedReader output = process.inputReader();
    for (String found = output.readLine(); !line.equals(found); found = output.readLine()) {
      if (found == null) {
        throw new IOException("Expected the line \"%s\", found the end.".formatted(line));
      }
    }
  }
}
