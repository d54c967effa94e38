package emnist.diffusion.evaluation;

import static java.nio.charset.StandardCharsets.UTF_8;

import emnist.diffusion.files.AtomicFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A CSV file with a header and one row of {@link EvaluationMetrics} per epoch. */
public final class MetricsCsv {

  private static final String HEADER =
      "epoch,ssim,fid,fid_floor,is_mean,is_std,samples,splits,extractor,seed,scheduler,inference_steps,real_samples,real_data,ssim_pairs";

  private final Path file;

  private MetricsCsv(Path file) {
    this.file = file;
  }

  /**
   * Opens a file to append to; if there is none, the first row creates it.
   *
   * @throws IllegalArgumentException if the file has a different header, a row without an epoch, or
   *     an incomplete last row
   * @throws IOException if it cannot be read
   */
  public static MetricsCsv open(Path file) throws IOException {
    MetricsCsv csv = new MetricsCsv(file);
    csv.rows();
    AtomicFiles.removeLeftoversOf(file);
    return csv;
  }

  /**
   * Adds a row; a crash leaves the file with it or without it. Rows of this and later epochs come
   * from before the run was resumed, and are removed.
   *
   * @throws IllegalArgumentException as {@link #open}, if the file was changed since
   * @throws IOException if it cannot be written
   */
  public void append(EvaluationMetrics metrics) throws IOException {
    List<String> lines = new ArrayList<>();
    lines.add(HEADER);
    rows().stream().filter(row -> epoch(row) < metrics.epoch()).forEach(lines::add);
    lines.add(row(metrics));
    String text = String.join("\n", lines) + "\n";
    AtomicFiles.writeFile(file, partial -> Files.writeString(partial, text, UTF_8));
  }

  /** The rows below the header, each a line; none if there is no file yet. */
  private List<String> rows() throws IOException {
    String text = Files.exists(file) ? Files.readString(file, UTF_8) : "";
    if (text.isEmpty()) {
      return List.of();
    }
    List<String> lines = text.lines().toList();
    if (!lines.get(0).equals(HEADER)) {
      throw new IllegalArgumentException(
          "Expected the header \"%s\" in %s, found \"%s\". Move that file away; a new one is then created."
              .formatted(HEADER, file, lines.get(0)));
    }
    if (!text.endsWith("\n")) {
      throw new IllegalArgumentException(
          "Expected %s to end with a complete row, found \"%s\". Remove that row."
              .formatted(file, text.substring(text.lastIndexOf('\n') + 1)));
    }
    List<String> rows = lines.subList(1, lines.size());
    rows.forEach(this::epoch);
    return rows;
  }

  private int epoch(String row) {
    String epoch = row.substring(0, Math.max(0, row.indexOf(',')));
    if (!epoch.matches("\\d{1,9}")) {
      throw new IllegalArgumentException(
          "Expected rows that begin with an epoch in %s, found \"%s\". Move that file away; a new one is then created."
              .formatted(file, row));
    }
    return Integer.parseInt(epoch);
  }

  private static String row(EvaluationMetrics metrics) {
    EvaluationMetrics.Scores scores = metrics.scores();
    EvaluationMetrics.Conditions conditions = metrics.conditions();
    EvaluationConfig config = conditions.config();
    return Stream.of(
            metrics.epoch(),
            scores.ssim(),
            scores.fid(),
            scores.fidFloor(),
            scores.isMean(),
            scores.isStd(),
            config.samples(),
            config.splits(),
            quoted(conditions.extractor()),
            config.seed(),
            quoted(conditions.scheduler()),
            config.numInferenceSteps(),
            conditions.realSamples(),
            quoted(conditions.realData()),
            quoted(conditions.ssimPairs()))
        .map(String::valueOf)
        .collect(Collectors.joining(","));
  }

  private static String quoted(String text) {
    boolean plain = Stream.of(",", "\"", "\n", "\r").noneMatch(text::contains);
    return plain ? text : '"' + text.replace("\"", "\"\"") + '"';
  }
}
