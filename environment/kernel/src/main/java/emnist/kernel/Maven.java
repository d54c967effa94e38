package emnist.kernel;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Asks the installed Maven for libraries. So its settings, mirrors and proxies apply, the user's
 * local repository keeps the jars, and no jar of Maven's own joins the class path of the cells.
 */
final class Maven {

  private static final String GOAL =
      "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:build-classpath";

  /** What Maven says around the reason of a failure. */
  private static final Pattern AROUND_REASON =
      Pattern.compile(
          "\u001B\\[[0-9;]*m|\\[[A-Z]+\\] |Failed to execute goal (.* )?on project \\S+: "
              + "|Could not resolve dependencies for project \\S+(: |$)| -> \\[Help .*");

  /** Lines that stand before the reason; Maven 3.9 names each library in one of its own. */
  private static final Pattern BEFORE_REASON = Pattern.compile("Some problems were|dependency: ");

  private Maven() {}

  /** Like {@link #resolve(Path)}, of the text of a pom.xml. */
  static List<Path> resolve(String pom) throws CellException {
    try {
      Path file = Files.createTempFile("pom", ".xml");
      try {
        return resolve(Files.writeString(file, pom));
      } finally {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw notRun(e);
    }
  }

  /** The jars of the project's libraries, and of the libraries that these need. */
  static List<Path> resolve(Path pom) throws CellException {
    try {
      Path classPath = Files.createTempFile("classpath", ".txt");
      Path log = Files.createTempFile("maven", ".log");
      try {
        List<String> command =
            List.of(
                "mvn",
                "--quiet",
                "--batch-mode",
                "--file=" + pom,
                GOAL,
                "-DincludeScope=runtime",
                "-Dmdep.outputFile=" + classPath);
        // The second option makes Maven look again for what it did not find earlier.
        if (!run(command, "--offline", log) && !run(command, "--update-snapshots", log)) {
          throw new CellException(
              "CellError",
              String.format(
                  "Expected libraries from Maven, found: %s. Check their names and the network.",
                  reason(new String(Files.readAllBytes(log), StandardCharsets.UTF_8))));
        }
        String paths = Files.readString(classPath).strip();
        return paths.isEmpty()
            ? List.of()
            : Arrays.stream(paths.split(File.pathSeparator)).map(Path::of).toList();
      } finally {
        Files.delete(classPath);
        Files.delete(log);
      }
    } catch (InterruptedException e) {
      throw new CellException("Interrupted", "The cell was interrupted.");
    } catch (IOException e) {
      throw notRun(e);
    }
  }

  private static CellException notRun(IOException e) {
    return new CellException(
        "CellError",
        "Expected to run Maven, found "
            + e.getMessage()
            + ". Install Maven 3.8 or newer, or use %jars.");
  }

  /** Runs a command and tells whether it succeeded. */
  private static boolean run(List<String> command, String option, Path log)
      throws IOException, InterruptedException {
    List<String> words = new ArrayList<>(command);
    words.add(option);
    ProcessBuilder builder =
        new ProcessBuilder(words).redirectErrorStream(true).redirectOutput(log.toFile());
    builder.environment().putIfAbsent("JAVA_HOME", System.getProperty("java.home"));
    // Maven runs too short for Java's second compiler, which would take half of its time.
    builder.environment().putIfAbsent("MAVEN_OPTS", "-XX:TieredStopAtLevel=1");
    CellRun cell = CellRun.current();
    if (cell != null) {
      cell.enterCode();
    }
    Process process = builder.start();
    try {
      return process.waitFor() == 0;
    } finally {
      if (cell != null) {
        cell.leaveCode();
      }
      process.descendants().forEach(ProcessHandle::destroy);
      process.destroy();
    }
  }

  private static String reason(String log) {
    return log.lines()
        .map(line -> AROUND_REASON.matcher(line).replaceAll("").strip())
        .filter(line -> !line.isEmpty() && !BEFORE_REASON.matcher(line).lookingAt())
        .findFirst()
        .orElse("no reason");
  }
}
