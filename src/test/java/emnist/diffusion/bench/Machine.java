package emnist.diffusion.bench;

import ai.djl.engine.Engine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;

/** What the figures were measured on. */
final class Machine {

  private Machine() {}

  static String description() throws IOException {
    Engine engine = Engine.getInstance();
    return "%s: %s, %s threads, %s, Java %s, libtorch %s, %s GPUs"
        .formatted(
            LocalDate.now(),
            processor(),
            Runtime.getRuntime().availableProcessors(),
            System.getProperty("os.name"),
            System.getProperty("java.version"),
            libtorch(engine),
            engine.getGpuCount());
  }

  /** DJL always answers with the version it was built for. */
  private static String libtorch(Engine engine) {
    String path = System.getenv("PYTORCH_LIBRARY_PATH");
    return path == null ? engine.getVersion() : "in " + path;
  }

  private static String processor() throws IOException {
    return Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
        .filter(line -> line.startsWith("model name"))
        .map(line -> line.substring(line.indexOf(':') + 1).strip())
        .findFirst()
        .orElse(System.getProperty("os.arch"));
  }
}
