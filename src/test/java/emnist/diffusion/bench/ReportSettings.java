package emnist.diffusion.bench;

import ai.djl.Device;
import emnist.diffusion.torch.Devices;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The settings of the report on a device, environment variables by name: {@code DEVICE}; {@code
 * SIZES}, which is batch sizes and, for a rehearsal with the small network alone, the word {@code
 * small}; {@code PEER_PYTHON}, a Python with torch and diffusers; {@code REPORT_DIR}, the folder of
 * the results; {@code EMNIST_DIR} and the others that say which data to train with.
 */
record ReportSettings(Map<String, String> variables) {

  private static final List<String> NAMES =
      List.of(
          "DEVICE",
          "SIZES",
          "PEER_PYTHON",
          "REPORT_DIR",
          "EMNIST_DIR",
          "EMNIST_SPLIT",
          "DATASET_LIMIT");

  ReportSettings {
    for (String size : words(variables.get("SIZES"))) {
      if (!size.matches("small|[1-9]\\d{0,5}")) {
        throw new IllegalArgumentException(
            "Expected batch sizes and the word small in SIZES, found \"%s\". Write, for example, SIZES=\"8 64 512\"."
                .formatted(size));
      }
    }
  }

  /** The settings among the variables of an environment. */
  static ReportSettings of(Map<String, String> environment) {
    Map<String, String> variables = new LinkedHashMap<>(environment);
    variables.keySet().retainAll(NAMES);
    return new ReportSettings(variables);
  }

  ReportSettings withBatch(int batch) {
    Map<String, String> changed = new LinkedHashMap<>(variables);
    changed.put("SIZES", (isSmall() ? "small " : "") + batch);
    return new ReportSettings(changed);
  }

  Device device() {
    return Devices.named(variables.get("DEVICE"));
  }

  boolean isGpu() {
    return device().isGpu();
  }

  boolean isSmall() {
    return words(variables.get("SIZES")).contains("small");
  }

  List<Preset> presets() {
    return isSmall() ? List.of(Preset.SMALL) : List.of(Preset.values());
  }

  /** The network that matters most. */
  Preset preset() {
    return isSmall() ? Preset.SMALL : Preset.README;
  }

  List<Integer> batches() {
    List<String> sizes = new ArrayList<>(words(variables.get("SIZES")));
    sizes.remove("small");
    if (sizes.isEmpty()) {
      return isSmall() ? List.of(4) : List.of(8, 64, 512, 1024);
    }
    return sizes.stream().map(Integer::valueOf).sorted().toList();
  }

  int largestBatch() {
    return batches().get(batches().size() - 1);
  }

  /** A Python interpreter, null for none. */
  String peerPython() {
    String python = variables.getOrDefault("PEER_PYTHON", "");
    return python.isBlank() ? null : python;
  }

  Path folder() {
    return Path.of(variables.getOrDefault("REPORT_DIR", ""));
  }

  private static List<String> words(String text) {
    return text == null || text.isBlank() ? List.of() : List.of(text.strip().split("\\s+"));
  }
}
