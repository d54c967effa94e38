package emnist.diffusion.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The largest resident memory of a process of its own, Linux's {@code VmHWM}. */
final class PeakMemory {

  private PeakMemory() {}

  /** MiB that this program takes when it is started with these arguments, and prints last. */
  static double of(String... arguments) throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Bench.class.getName()));
    command.addAll(List.of(arguments));
    return lastNumber(command);
  }

  /** The number in the last line that a command prints. */
  static double lastNumber(List<String> command) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    String output =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    if (process.waitFor() != 0) {
      throw new IOException(
          "Expected a number from %s, found exit code %s. Run it by hand to see why."
              .formatted(String.join(" ", command), process.exitValue()));
    }
    return Double.parseDouble(output.substring(output.lastIndexOf('\n') + 1));
  }

  /** MiB that this process has taken at most so far. */
  static double ofThisProcess() throws IOException {
    return Files.readAllLines(Path.of("/proc/self/status")).stream()
        .filter(line -> line.startsWith("VmHWM"))
        .mapToDouble(line -> Double.parseDouble(line.replaceAll("\\D", "")) / 1024)
        .findFirst()
        .orElseThrow();
  }
}
