package emnist.diffusion;

import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The project as someone else's program has it: classes and resources in a jar. */
public final class ProjectJar {

  private ProjectJar() {}

  /**
   * Makes the jar, and a loader of it and the libraries that sees no class of this process.
   *
   * @param main a class of the project, not of its tests
   * @param without files below {@code emnist/diffusion} to leave out
   */
  public static URLClassLoader in(Path folder, Class<?> main, String... without)
      throws IOException, URISyntaxException {
    Path classes = Path.of(main.getProtectionDomain().getCodeSource().getLocation().toURI());
    Path project = classes.resolve("emnist/diffusion");
    Path jar = folder.resolve("project.jar");
    try (FileSystem zip = FileSystems.newFileSystem(jar, Map.of("create", "true"));
        Stream<Path> files = Files.walk(project)) {
      for (Path file : files.filter(each -> !isOneOf(without, each)).toList()) {
        Path entry = zip.getPath(classes.relativize(file).toString());
        if (Files.isDirectory(file)) {
          Files.createDirectories(entry);
        } else {
          Files.copy(file, entry);
        }
      }
    }
    List<URL> urls = new ArrayList<>(List.of(jar.toUri().toURL()));
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
      if (entry.endsWith(".jar")) {
        urls.add(Path.of(entry).toUri().toURL());
      }
    }
    return new URLClassLoader(urls.toArray(URL[]::new), ClassLoader.getPlatformClassLoader());
  }

  private static boolean isOneOf(String[] names, Path file) {
    return Stream.of(names).anyMatch(file::endsWith);
  }
}
