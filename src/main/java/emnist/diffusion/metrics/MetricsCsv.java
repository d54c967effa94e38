package emnist.diffusion.metrics;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A CSV file with one row of {@link EvaluationMetrics} per epoch under a header, the same in every
 * locale.
 */
public final class MetricsCsv {

  private static final String HEADER =
      "epoch,ssim,fid,fid_floor,is_mean,is_std,samples,splits,extractor,seed,scheduler,inference_steps,real_samples,real_data,ssim_pairs";

  private final Path file;

  private MetricsCsv(Path file) {
    this.file = file;
  }

  /**
   * A file to append to, made by the first row if it is not there.
   *
   * @throws IllegalArgumentException if the file has another header or ends within a row
   * @throws IOException if it cannot be read
   */
  public static MetricsCsv open(Path file) throws IOException {
    MetricsCsv csv = new MetricsCsv(file);
    csv.requireWholeRows();
    return csv;
  }

  /** The file. */
  public Path file() {
    return file;
  }

  /**
   * Adds a row.
   *
   * @throws IllegalArgumentException if the file has another header or ends within a row by now
   * @throws IOException if it cannot be written
   */
  public void append(EvaluationMetrics metrics) throws IOException {
    boolean isNew = requireWholeRows();
    Files.writeString(
        file,
        (isNew ? HEADER + "\n" : "") + row(metrics) + "\n",
        UTF_8,
        StandardOpenOption.CREATE,
        StandardOpenOption.APPEND);
  }

  /** Whether the file is still to be made. */
  private boolean requireWholeRows() throws IOException {
    String text = Files.exists(file) ? Files.readString(file, UTF_8) : "";
    if (text.isEmpty()) {
      return true;
    }
    String header = text.lines().findFirst().orElse("");
    if (!header.equals(HEADER)) {
      throw new IllegalArgumentException(
          "Expected the header \"%s\" in %s, found \"%s\". Move that file away; a new one will be made."
              .formatted(HEADER, file, header));
    }
    if (!text.endsWith("\n")) {
      throw new IllegalArgumentException(
          "Expected %s to end with a whole row, found \"%s\". Remove that row."
              .formatted(file, text.substring(text.lastIndexOf('\n') + 1)));
    }
    return false;
  }

  private static String row(EvaluationMetrics metrics) {
    return Stream.of(
            metrics.epoch(),
            metrics.ssim(),
            metrics.fid(),
            metrics.fidFloor(),
            metrics.isMean(),
            metrics.isStd(),
            metrics.samples(),
            metrics.splits(),
            quoted(metrics.extractor()),
            metrics.seed(),
            quoted(metrics.scheduler()),
            metrics.inferenceSteps(),
            metrics.realSamples(),
            quoted(metrics.realData()),
            quoted(metrics.ssimPairs()))
        .map(String::valueOf)
        .collect(Collectors.joining(","));
  }

  private static String quoted(String text) {
    boolean plain = List.of(",", "\"", "\n", "\r").stream().noneMatch(text::contains);
    return plain ? text : '"' + text.replace("\"", "\"\"") + '"';
  }
}
