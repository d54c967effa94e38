package emnist.kernel;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Stream;
import jdk.jshell.JShell;

/** The lines of a cell that are for the kernel: they add to the class path. */
final class Magics {

  private static final String KNOWN =
      "%classpath FOLDERS_OR_JARS, %jars JARS, %maven GROUP:ARTIFACT:VERSION, %loadFromPOM FILE"
          + " or %%loadFromPOM with dependencies below it";

  private final JShell shell;
  private final Set<Path> classPath = new HashSet<>();

  Magics(JShell shell) {
    this.shell = shell;
    Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
        .map(Magics::absolute)
        .forEach(classPath::add);
  }

  /**
   * Applies a magic.
   *
   * @throws CellException if there is no such magic, if it finds nothing, or if the thread is
   *     interrupted while Maven runs
   */
  void apply(Cell.Magic magic) throws CellException {
    List<String> arguments = magic.arguments();
    switch (magic.name()) {
      case "%classpath" -> addMatches(arguments, "folders or jar files", path -> true);
      case "%jars" -> addMatches(arguments, "jar files", Files::isRegularFile);
      case "%maven" -> add(Maven.resolve(Pom.ofCoordinates(arguments)));
      case "%loadFromPOM" -> {
        for (String file : arguments) {
          add(Maven.resolve(Path.of(file)));
        }
      }
      case "%%loadFromPOM" -> add(Maven.resolve(Pom.ofXml(magic.body())));
      default ->
          throw new CellException(
              "CellError",
              String.format(
                  "Expected one of %s, found %s. Correct the line.", KNOWN, magic.name()));
    }
  }

  private void addMatches(List<String> globs, String expected, Predicate<Path> wanted)
      throws CellException {
    for (String glob : globs) {
      List<Path> found = matches(glob).stream().filter(wanted).toList();
      if (found.isEmpty()) {
        throw new CellException(
            "CellError",
            String.format(
                "Expected %s, found nothing at %s. Check the path; it starts from %s.",
                expected, glob, absolute("")));
      }
      add(found);
    }
  }

  /** The files and folders that a path with {@code *}, {@code **} or {@code ?} in it names. */
  private static List<Path> matches(String glob) {
    int wildcard = glob.split("[*?]", 2)[0].lastIndexOf('/') + 1;
    Path folder = absolute(glob.substring(0, wildcard));
    String pattern = glob.substring(wildcard);
    PathMatcher matcher = FileSystems.getDefault().getPathMatcher("glob:" + pattern);
    int depth = pattern.contains("**") ? Integer.MAX_VALUE : Path.of(pattern).getNameCount();
    try (Stream<Path> paths = Files.walk(folder, depth)) {
      return paths.filter(path -> matcher.matches(folder.relativize(path))).sorted().toList();
    } catch (IOException | UncheckedIOException | PatternSyntaxException e) {
      return List.of();
    }
  }

  private void add(List<Path> paths) {
    for (Path path : paths) {
      if (classPath.add(absolute(path.toString()))) {
        shell.addToClasspath(absolute(path.toString()).toString());
      }
    }
  }

  private static Path absolute(String path) {
    return Path.of(path).toAbsolutePath().normalize();
  }
}
