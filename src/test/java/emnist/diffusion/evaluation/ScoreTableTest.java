package emnist.diffusion.evaluation;

import static emnist.diffusion.evaluation.MetricsCsvTest.metrics;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tech.tablesaw.api.Table;

class ScoreTableTest {

  @TempDir private Path folder;

  @Test
  void showsTheFirstAndTheLastEpochAndSomeBetween() throws IOException {
    Path file = folder.resolve("evaluation_metrics.csv");
    MetricsCsv csv = MetricsCsv.ofEpochs(file);
    for (int epoch = 1; epoch <= 50; epoch++) {
      csv.append(epoch, metrics(100.0 / epoch, "letter-classifier-64"));
    }
    Table table = ScoreTable.ofEpochs(file, 6);
    assertThat(table.stringColumn("epoch").asList())
        .containsExactly("1", "11", "21", "30", "40", "50");
    assertThat(table.columnNames())
        .containsExactly("epoch", "SSIM", "Fréchet classifier distance", "its floor", "IS");
    assertThat(table.column(2).getString(1)).isEqualTo("9.09");
  }

  @Test
  void showsAllEpochsOfAShortTraining() throws IOException {
    Path file = folder.resolve("evaluation_metrics.csv");
    for (int epoch = 1; epoch <= 3; epoch++) {
      MetricsCsv.ofEpochs(file).append(epoch, metrics(epoch, "inception-v3"));
    }
    Table table = ScoreTable.ofEpochs(file, 6);
    assertThat(table.stringColumn("epoch").asList()).containsExactly("1", "2", "3");
    assertThat(table.columnNames()).contains("FID");
  }

  @Test
  void showsMeanAndDeviationOfRunsWhateverTheLocale() throws IOException {
    Path file = folder.resolve("evaluation_metrics_epoch_50_random_seed.csv");
    Locale before = Locale.getDefault();
    Locale.setDefault(Locale.forLanguageTag("tr-TR"));
    try {
      MetricsCsv.ofRuns(file).append(1, metrics(10, "letter-classifier-64"));
      assertThat(ScoreTable.ofRuns(file).rowCount()).isEqualTo(1);
      MetricsCsv.ofRuns(file).append(2, metrics(12.5, "letter-classifier-64"));
      Table table = ScoreTable.ofRuns(file);
      assertThat(table.column(0).asList().toString()).isEqualTo("[1, 2, mean ± std]");
      assertThat(table.column(2).asList().toString()).isEqualTo("[10, 12.5, 11.3 ± 1.77]");
    } finally {
      Locale.setDefault(before);
    }
  }

  @Test
  void saysWhereThereAreNoScores() {
    Path file = folder.resolve("evaluation_metrics.csv");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ScoreTable.ofEpochs(file, 6))
        .withMessage(
            "Expected scores in %s, found none. Run the cell that writes them first.", file);
  }

  @Test
  void showsSamplersInTheirOrder() {
    Table table = ScoreTable.ofSamplers(List.of(metrics(8.04, "letter-classifier-64")));
    assertThat(table.row(0).getString("scheduler")).isEqualTo("DDPMScheduler");
    assertThat(table.row(0).getString("steps")).isEqualTo("50");
    assertThat(table.row(0).getString("Fréchet classifier distance")).isEqualTo("8.04");
  }
}
