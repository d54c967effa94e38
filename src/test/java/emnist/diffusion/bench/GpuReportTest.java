package emnist.diffusion.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.databind.JsonNode;
import emnist.diffusion.config.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A rehearsal of the report on the CPU, with the small network. */
class GpuReportTest {

  @TempDir private Path folder;

  @Test
  void theReportHasEverySectionAndAllPass() throws Exception {
    boolean passed = report(Map.of()).write(GpuReport.sections());

    JsonNode report = Json.parse(folder.resolve("gpu-report.json"));
    assertThat(passed).as(Files.readString(folder.resolve("gpu-report.md"))).isTrue();
    assertThat(report.get("passed").booleanValue()).isTrue();
    assertThat(Json.names(report.get("sections"))).isEqualTo(GpuReport.sections());
    assertThat(report.get("sections"))
        .allSatisfy(findings -> assertThat(findings).isNotEmpty().allMatch(Findings::isGood));
    assertThat(verdicts(report, "correctness")).hasSizeGreaterThan(40);
    assertThat(verdicts(report, "waits")).hasSize(1);
    assertThat(verdicts(report, "data")).hasSize(7);
    assertThat(verdicts(report, "picture")).hasSize(1);
    assertThat(verdicts(report, "exhaustion")).hasSize(2);
    assertThat(folder.resolve("gpu-report.png")).isNotEmptyFile();
  }

  @Test
  void aSectionThatFailsStopsNoOther() throws Exception {
    Path nowhere = folder.resolve("nowhere");

    boolean passed =
        report(Map.of("EMNIST_DIR", nowhere.toString())).write(List.of("epoch", "machine"));

    assertThat(passed).isFalse();
    JsonNode report = Json.parse(folder.resolve("gpu-report.json"));
    assertThat(report.get("passed").booleanValue()).isFalse();
    assertThat(report.at("/sections/epoch/0/failed").asText())
        .startsWith("java.io.FileNotFoundException: Expected the data in a folder");
    assertThat(report.at("/sections/machine")).isNotEmpty().allMatch(Findings::isGood);
    assertThat(folder.resolve("gpu-report.md"))
        .content()
        .contains("**failed: ")
        .contains("| machine |");
  }

  @Test
  void settingsThatAreUnknownAreRefused() throws IOException {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> report(Map.of("SIZES", "8 many")))
        .withMessage(
            "Expected batch sizes and the word small in SIZES, found \"many\". Write, for example, SIZES=\"8 64 512\".");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> report(Map.of()).write(List.of("speed")))
        .withMessageStartingWith("Expected sections among [machine, correctness,")
        .withMessageEndingWith("found \"speed\". Choose some of these, or none for all.");
  }

  @Test
  void aVerdictThatFailsIsSeen() {
    List<JsonNode> found = new ArrayList<>();

    new Findings(found::add).verdict(Double.NaN < 1, "what", "a network", "difference", Double.NaN);

    assertThat(found).hasSize(1).noneMatch(Findings::isGood);
    assertThat(Findings.markdown(found)).contains("| a network | NaN | FAIL |");
  }

  private GpuReport report(Map<String, String> changes) {
    Map<String, String> variables =
        new HashMap<>(
            Map.of(
                "DEVICE", "cpu",
                "SIZES", "small",
                "DATASET_LIMIT", "104",
                "PEER_PYTHON", "",
                "REPORT_DIR", folder.toString()));
    variables.putAll(changes);
    return new GpuReport(ReportSettings.of(variables));
  }

  private static List<String> verdicts(JsonNode report, String section) {
    return Json.elements(report.at("/sections/" + section)).stream()
        .filter(finding -> finding.has("verdict"))
        .map(finding -> finding.get("verdict").asText())
        .toList();
  }
}
