package emnist.kernel;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayList;
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
    switch (magic.name()) {
      case "%classpath" -> add(found(magic, "folders or jar files", path -> true));
      case "%jars" -> add(found(magic, "jar files", Files::isRegularFile));
      case "%maven" -> add(Maven.resolve(Pom.ofCoordinates(magic.arguments())));
      case "%loadFromPOM" -> {
        for (Path pom : found(magic, "a pom.xml", Files::isRegularFile)) {
          add(Maven.resolve(pom));
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

  /** The files and folders that the magic names. */
  private static List<Path> found(Cell.Magic magic, String expected, Predicate<Path> wanted)
      throws CellException {
    List<Path> all = new ArrayList<>();
    for (String argument : magic.arguments()) {
      List<Path> found = matches(argument).stream().filter(wanted).toList();
      if (found.isEmpty()) {
        throw new CellException(
            "CellError",
            String.format(
                "Expected %s, found nothing at %s. Check the path; it starts from %s.",
                expected, argument, absolute("")));
      }
      all.addAll(found);
    }
    return all;
  }

  /** What is at a path, which may contain {@code *}, {@code **} and {@code ?}. */
  private static List<Path> matches(String path) {
    int wildcard = path.replace('?', '*').indexOf('*');
    if (wildcard < 0) {
      return Stream.of(absolute(path)).filter(Files::exists).toList();
    }
    int pattern = path.lastIndexOf('/', wildcard) + 1;
    String glob = path.substring(pattern);
    Path folder = absolute(path.substring(0, pattern));
    int depth = glob.contains("**") ? Integer.MAX_VALUE : Path.of(glob).getNameCount();
    try (Stream<Path> below = Files.walk(folder, depth)) {
      PathMatcher matcher = FileSystems.getDefault().getPathMatcher("glob:" + glob);
      return below.filter(file -> matcher.matches(folder.relativize(file))).sorted().toList();
    } catch (IOException | UncheckedIOException | PatternSyntaxException e) {
      return List.of();
    }
  }

  private void add(List<Path> paths) {
    paths.stream().filter(classPath::add).map(Path::toString).forEach(shell::addToClasspath);
  }

  private static Path absolute(String path) {
    return Path.of(path).toAbsolutePath().normalize();
  }
}
