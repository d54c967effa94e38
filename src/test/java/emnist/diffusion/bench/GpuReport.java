package emnist.diffusion.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import emnist.diffusion.JavaProcess;
import emnist.diffusion.bench.Section.Run;
import emnist.diffusion.config.Json;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Finds out whether the project is right on a device, and how fast: {@code gpu-report.md} for
 * people, {@code gpu-report.json} for programs, {@code gpu-report.png} with the pictures of both
 * devices, {@code gpu-report.log} with what failed in full. The settings are those of {@link
 * ReportSettings}.
 */
public final class GpuReport {

  private static final Map<String, Section> SECTIONS = new LinkedHashMap<>();

  static {
    SECTIONS.put("machine", new MachineFacts());
    SECTIONS.put("correctness", new Correctness());
    SECTIONS.put("throughput", new Throughput(false));
    SECTIONS.put("compiled", new Throughput(true));
    SECTIONS.put("memory", new DeviceMemory());
    SECTIONS.put("waits", new HostWaits());
    SECTIONS.put("data", new DataOnDevice());
    SECTIONS.put("epoch", new OneEpoch());
    SECTIONS.put("picture", new SamePicture());
    SECTIONS.put("exhaustion", new MemoryExhaustion());
  }

  private final ReportSettings settings;
  private final ObjectNode report = JsonNodeFactory.instance.objectNode();
  private final StringBuilder markdown = new StringBuilder("# Report on a device\n");

  GpuReport(ReportSettings settings) {
    this.settings = settings;
    report.put("device", settings.device().toString());
    report.put("date", LocalDate.now().toString());
    settings.variables().forEach(report.putObject("settings")::put);
    report.putObject("sections");
  }

  /** Takes the names of sections, none for all; exits with 1 if a verdict or a section failed. */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    if (arguments.length > 0 && arguments[0].equals("run")) {
      System.exit(run(section(arguments[1]), Arithmetic.valueOf(arguments[2])) ? 0 : 1);
    }
    List<String> names = arguments.length > 0 ? List.of(arguments) : sections();
    names.forEach(GpuReport::section);
    boolean passed = new GpuReport(ReportSettings.of(System.getenv())).write(names);
    System.exit(passed ? 0 : 1);
  }

  /** The names of all sections, in the order of the report. */
  static List<String> sections() {
    return List.copyOf(SECTIONS.keySet());
  }

  private static Section section(String name) {
    if (!SECTIONS.containsKey(name)) {
      throw new IllegalArgumentException(
          "Expected sections among %s, found \"%s\". Choose some of these, or none for all."
              .formatted(SECTIONS.keySet(), name));
    }
    return SECTIONS.get(name);
  }

  /** Does the work of one run; each finding becomes a line. */
  private static boolean run(Section section, Arithmetic arithmetic) {
    Findings findings = new Findings(finding -> System.out.println(Json.writeCompact(finding)));
    try {
      section.measure(new Run(arithmetic, ReportSettings.of(System.getenv())), findings);
      return true;
    } catch (Exception | Error e) {
      e.printStackTrace();
      findings.failed(e.toString().lines().findFirst().orElseThrow());
      return false;
    }
  }

  /** Runs the sections, and writes what is known after each run. */
  boolean write(List<String> names) throws IOException, InterruptedException {
    report.put("passed", true);
    for (String name : names) {
      Section section = section(name);
      ArrayNode found = ((ObjectNode) report.get("sections")).putArray(name);
      show("\n## %s\n".formatted(section.title()));
      for (Run run : section.runs(settings)) {
        List<JsonNode> findings = findings(name, run);
        found.addAll(findings);
        if (!findings.stream().allMatch(Findings::isGood)) {
          report.put("passed", false);
        }
        show(Findings.markdown(findings));
        Files.writeString(settings.folder().resolve("gpu-report.md"), markdown);
        Files.writeString(settings.folder().resolve("gpu-report.json"), Json.write(report) + "\n");
      }
    }
    return report.get("passed").booleanValue();
  }

  private void show(String text) {
    System.out.print(text);
    markdown.append(text);
  }

  /** What a run finds, in a process of its own. */
  private static List<JsonNode> findings(String section, Run run)
      throws IOException, InterruptedException {
    ProcessBuilder builder =
        JavaProcess.builder(GpuReport.class, "run", section, run.arithmetic().name());
    builder.environment().putAll(run.settings().variables());
    run.arithmetic().applyTo(builder.environment());
    Path log = run.settings().folder().resolve("gpu-report.log");
    builder.redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()));
    Process process = builder.start();
    List<JsonNode> findings = new ArrayList<>();
    try (BufferedReader output = process.inputReader()) {
      output.lines().filter(line -> line.startsWith("{")).map(Json::parse).forEach(findings::add);
    }
    boolean isExplained = findings.stream().anyMatch(finding -> finding.has("failed"));
    if (process.waitFor() != 0 && !isExplained) {
      new Findings(findings::add)
          .failed("exit code %s, see gpu-report.log".formatted(process.exitValue()));
    }
    return findings;
  }
}
