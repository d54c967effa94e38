package emnist.diffusion.evaluation;

import emnist.diffusion.evaluation.EvaluationMetrics.Conditions;
import emnist.diffusion.evaluation.EvaluationMetrics.Scores;
import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import tech.tablesaw.api.NumericColumn;
import tech.tablesaw.api.Row;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;

/** Scores as tables for the eye: five columns of three digits. The CSV files have all of them. */
public final class ScoreTable {

  private static final MathContext DIGITS = new MathContext(3);
  private static final List<String> SCORES = List.of("ssim", "fid", "fid_floor", "is_mean");

  private ScoreTable() {}

  /**
   * The scores of some epochs.
   *
   * @param csv a file of {@link MetricsCsv#ofEpochs}
   * @param rows at most that many epochs, evenly spaced, the first and the last among them
   * @throws IllegalArgumentException if there are no scores
   */
  public static Table ofEpochs(Path csv, int rows) {
    Table all = read(csv);
    int last = all.rowCount() - 1;
    int[] shown =
        IntStream.range(0, rows)
            .map(i -> Math.round((float) i * last / Math.max(1, rows - 1)))
            .distinct()
            .toArray();
    return scores("epoch", all.rows(shown));
  }

  /**
   * The scores of all runs, with their mean and standard deviation below if there are several.
   *
   * @param csv a file of {@link MetricsCsv#ofRuns}
   */
  public static Table ofRuns(Path csv) {
    Table all = read(csv);
    Table table = scores("run", all);
    if (all.rowCount() > 1) {
      Row summary = table.appendRow();
      summary.setString(0, "mean ± std");
      for (int i = 0; i < SCORES.size(); i++) {
        NumericColumn<?> column = all.numberColumn(SCORES.get(i));
        summary.setString(
            i + 1, rounded(column.mean()) + " ± " + rounded(column.standardDeviation()));
      }
    }
    return table;
  }

  private static Table read(Path csv) {
    Table all = Files.exists(csv) ? Table.read().csv(csv.toFile()) : Table.create();
    if (all.rowCount() == 0) {
      throw new IllegalArgumentException(
          "Expected scores in %s, found none. Run the cell that writes them first.".formatted(csv));
    }
    return all;
  }

  /** The scores of different samplers, in the order given. */
  public static Table ofSamplers(List<EvaluationMetrics> metrics) {
    List<Conditions> conditions = metrics.stream().map(EvaluationMetrics::conditions).toList();
    List<Scores> scores = metrics.stream().map(EvaluationMetrics::scores).toList();
    return Table.create(
        "samplers",
        StringColumn.create("scheduler", conditions.stream().map(Conditions::scheduler)),
        StringColumn.create(
            "steps", conditions.stream().map(c -> "" + c.config().numInferenceSteps())),
        column(distance(conditions.get(0).extractor()), scores.stream().mapToDouble(Scores::fid)),
        column("its floor", scores.stream().mapToDouble(Scores::fidFloor)),
        column("IS", scores.stream().mapToDouble(Scores::isMean)));
  }

  private static Table scores(String number, Table rows) {
    List<String> names =
        List.of("SSIM", distance(rows.column("extractor").getString(0)), "its floor", "IS");
    Table table = Table.create("scores", rows.column(number).asStringColumn().setName(number));
    for (int i = 0; i < SCORES.size(); i++) {
      double[] values = rows.numberColumn(SCORES.get(i)).asDoubleArray();
      table.addColumns(column(names.get(i), DoubleStream.of(values)));
    }
    return table;
  }

  private static StringColumn column(String name, DoubleStream scores) {
    return StringColumn.create(name, scores.mapToObj(ScoreTable::rounded));
  }

  /** FID is the distance in the features of the Inception network, and in no others. */
  private static String distance(String extractor) {
    return extractor.startsWith("letter-classifier") ? "Fréchet classifier distance" : "FID";
  }

  private static String rounded(double value) {
    return Double.isFinite(value)
        ? new BigDecimal(value).round(DIGITS).toPlainString()
        : String.valueOf(value);
  }
}
