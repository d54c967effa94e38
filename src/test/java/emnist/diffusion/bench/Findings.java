package emnist.diffusion.bench;

import ai.djl.engine.EngineException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import emnist.diffusion.config.Json;
import emnist.diffusion.torch.TorchFunction;
import java.util.Locale;
import java.util.Set;
import java.util.function.Consumer;

/**
 * What a section finds, as JSON objects: the rows of its table, some of them with a {@code
 * verdict}; {@code note}s; and what {@code failed}.
 */
record Findings(Consumer<ObjectNode> sink) {

  private static final String PASS = "pass";

  /** A row: a name and a value for each column, names as in JSON. */
  void row(Object... namesAndValues) {
    ObjectNode row = JsonNodeFactory.instance.objectNode();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      put(row, (String) namesAndValues[i], namesAndValues[i + 1]);
    }
    sink.accept(row);
  }

  /** A row with a verdict in its last column. */
  void verdict(boolean passed, Object... namesAndValues) {
    new Findings(row -> sink.accept(row.put("verdict", passed ? PASS : "FAIL")))
        .row(namesAndValues);
  }

  void note(String text) {
    row("note", text);
  }

  void failed(String reason) {
    row("failed", reason);
  }

  /** A remark that the device has no memory for a batch; any other error is thrown again. */
  void tooLarge(int batch, EngineException e) {
    String reason = TorchFunction.reason(e);
    if (!reason.contains("memory")) {
      throw e;
    }
    note("A batch of %s is too large: %s".formatted(batch, reason));
  }

  private static void put(ObjectNode row, String name, Object value) {
    if (value instanceof Integer integer) {
      row.put(name, integer);
    } else if (value instanceof Number number && Double.isFinite(number.doubleValue())) {
      row.put(name, number.doubleValue());
    } else {
      row.put(name, value == null ? "" : value.toString());
    }
  }

  /** Whether a finding is neither a failure nor a verdict that is not "pass". */
  static boolean isGood(JsonNode finding) {
    return !finding.has("failed") && finding.path("verdict").asText(PASS).equals(PASS);
  }

  /** Markdown: rows with the same columns are one table. */
  static String markdown(Iterable<JsonNode> findings) {
    StringBuilder text = new StringBuilder();
    Set<String> columns = Set.of();
    for (JsonNode finding : findings) {
      ObjectNode row = (ObjectNode) finding;
      Set<String> names = Set.copyOf(Json.names(row));
      if (row.has("note") || row.has("failed")) {
        text.append('\n');
        text.append(
            row.has("note")
                ? row.get("note").asText()
                : "**failed: " + row.get("failed").asText() + "**");
        text.append('\n');
      } else {
        if (!names.equals(columns)) {
          text.append(head(row));
        }
        text.append('|');
        row.forEach(value -> text.append(' ').append(cell(value)).append(" |"));
        text.append('\n');
      }
      columns = names;
    }
    return text.toString();
  }

  private static String head(ObjectNode row) {
    StringBuilder names = new StringBuilder("\n|");
    StringBuilder rule = new StringBuilder("|");
    row.properties()
        .forEach(
            column -> {
              names.append(' ').append(column.getKey().replace('_', ' ')).append(" |");
              rule.append(column.getValue().isNumber() ? " ---: |" : " --- |");
            });
    return names + "\n" + rule + "\n";
  }

  private static String cell(JsonNode value) {
    if (!value.isDouble()) {
      return value.asText().replace("|", "\\|");
    }
    double number = value.doubleValue();
    double size = Math.abs(number);
    String format =
        size >= 100 ? "%,.0f" : size >= 10 ? "%.1f" : size >= 0.1 || size == 0 ? "%.2f" : "%.1e";
    return String.format(Locale.ROOT, format, number);
  }
}
