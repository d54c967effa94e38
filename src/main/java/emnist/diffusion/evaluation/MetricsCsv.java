package emnist.diffusion.evaluation;

import static java.nio.charset.StandardCharsets.UTF_8;

import emnist.diffusion.files.AtomicFiles;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A CSV file with a header and numbered rows of {@link EvaluationMetrics}: the epochs of a
 * training, or the runs with different seeds of a generation.
 */
public final class MetricsCsv {

  private static final String COLUMNS =
      ",seed,ssim,fid,fid_floor,is_mean,is_std,samples,splits,extractor,scheduler,inference_steps,real_samples,real_data,ssim_pairs";

  private final Path file;
  private final String header;

  private MetricsCsv(Path file, String number) throws IOException {
    this.file = file;
    this.header = number + COLUMNS;
    rows();
  }

  /**
   * Opens a file with a row per epoch to append to; if there is none, the first row creates it.
   *
   * @throws IllegalArgumentException if it is no file in UTF-8, or has a different header, a row
   *     without a number, or an incomplete last row
   * @throws IOException if it cannot be read
   */
  public static MetricsCsv ofEpochs(Path file) throws IOException {
    return new MetricsCsv(file, "epoch");
  }

  /** As {@link #ofEpochs}, with a row per run. */
  public static MetricsCsv ofRuns(Path file) throws IOException {
    return new MetricsCsv(file, "run");
  }

  /**
   * Adds a row; a crash leaves the file with it or without it. Rows with this number or a larger
   * one are of an earlier run, and are removed.
   *
   * @param number of the epoch or the run, from 1
   * @throws IllegalArgumentException as {@link #ofEpochs}, if the file was changed since
   * @throws IOException if it cannot be written
   */
  public void append(int number, EvaluationMetrics metrics) throws IOException {
    List<String> lines = new ArrayList<>();
    lines.add(header);
    rows().stream().filter(row -> number(row) < number).forEach(lines::add);
    lines.add(row(number, metrics));
    String text = String.join("\n", lines) + "\n";
    AtomicFiles.writeFile(file, partial -> Files.writeString(partial, text, UTF_8));
  }

  /** The rows below the header, each a line; none if there is no file yet. */
  private List<String> rows() throws IOException {
    String text = text();
    if (text.isEmpty()) {
      return List.of();
    }
    List<String> lines = text.lines().toList();
    if (!lines.get(0).equals(header)) {
      throw new IllegalArgumentException(
          "Expected the header \"%s\" in %s, found \"%s\". Move that file away; a new one is then created."
              .formatted(header, file, lines.get(0)));
    }
    if (!text.endsWith("\n")) {
      throw new IllegalArgumentException(
          "Expected %s to end with a complete row, found \"%s\". Remove that row."
              .formatted(file, text.substring(text.lastIndexOf('\n') + 1)));
    }
    List<String> rows = lines.subList(1, lines.size());
    rows.forEach(this::number);
    return rows;
  }

  private String text() throws IOException {
    try {
      if (!Files.exists(file) || Files.isRegularFile(file)) {
        return Files.exists(file) ? Files.readString(file, UTF_8) : "";
      }
    } catch (CharacterCodingException e) {
      // As a spreadsheet may have saved it.
    }
    throw new IllegalArgumentException(
        "Expected a CSV file in UTF-8 at %s, found something else. Move it away; a new one is then created."
            .formatted(file));
  }

  private int number(String row) {
    String number = row.substring(0, Math.max(0, row.indexOf(',')));
    if (!number.matches("\\d{1,9}")) {
      throw new IllegalArgumentException(
          "Expected rows that begin with a number in %s, found \"%s\". Move that file away; a new one is then created."
              .formatted(file, row));
    }
    return Integer.parseInt(number);
  }

  private static String row(int number, EvaluationMetrics metrics) {
    EvaluationMetrics.Scores scores = metrics.scores();
    EvaluationMetrics.Conditions conditions = metrics.conditions();
    EvaluationConfig config = conditions.config();
    return Stream.of(
            number,
            config.seed(),
            scores.ssim(),
            scores.fid(),
            scores.fidFloor(),
            scores.isMean(),
            scores.isStd(),
            config.samples(),
            config.splits(),
            quoted(conditions.extractor()),
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
