package emnist.diffusion.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tech.tablesaw.api.Table;

class MetricsCsvTest {

  private static final String HEADER =
      "epoch,seed,ssim,fid,fid_floor,is_mean,is_std,samples,splits,extractor,scheduler,inference_steps,real_samples,real_data,ssim_pairs";

  @TempDir Path folder;

  @Test
  void writesTheHeaderOnceAndARowPerEpoch() throws IOException {
    Path file = folder.resolve("evaluation_metrics.csv");
    MetricsCsv.ofEpochs(file).append(1, metrics(12.5, "letter-classifier"));
    MetricsCsv.ofEpochs(file).append(2, metrics(11.25, "letter-classifier"));
    assertThat(file)
        .hasContent(
            """
            %s
            1,42,0.25,12.5,0.75,1.5,0.125,2600,10,letter-classifier,DDPMScheduler,50,1040,0f1e2d3c4b5a,same class
            2,42,0.25,11.25,0.75,1.5,0.125,2600,10,letter-classifier,DDPMScheduler,50,1040,0f1e2d3c4b5a,same class
            """
                .formatted(HEADER));
  }

  @Test
  void aRowPerRunBeginsWithItsNumberAndSeed() throws IOException {
    Path file = folder.resolve("evaluation_metrics_epoch_50_random_seed.csv");
    MetricsCsv.ofRuns(file).append(3, metrics(12.5, "letter-classifier"));
    assertThat(file).content().startsWith("run,seed,ssim,").contains("\n3,42,0.25,12.5,");
    assertThatIllegalArgumentException().isThrownBy(() -> MetricsCsv.ofEpochs(file));
  }

  @Test
  void makesNoFileBeforeTheFirstRow() throws IOException {
    Path file = folder.resolve("metrics.csv");
    MetricsCsv.ofEpochs(file);
    assertThat(file).doesNotExist();
  }

  @Test
  void writesPointsInALocaleOfCommas() throws IOException {
    Locale before = Locale.getDefault();
    Locale.setDefault(Locale.forLanguageTag("tr-TR"));
    try {
      Path file = folder.resolve("metrics.csv");
      MetricsCsv.ofEpochs(file).append(1, metrics(1e-7, "letter-classifier"));
      assertThat(Files.readString(file)).contains("1,42,0.25,1.0E-7,0.75,1.5");
    } finally {
      Locale.setDefault(before);
    }
  }

  @Test
  void isReadByTablesaw() throws IOException {
    Path file = folder.resolve("metrics.csv");
    MetricsCsv.ofEpochs(file).append(1, metrics(1e-7, "a, \"quoted\" name"));
    MetricsCsv.ofEpochs(file).append(2, metrics(12345678.5, "plain"));
    Table table = Table.read().csv(file.toFile());
    assertThat(table.rowCount()).isEqualTo(2);
    assertThat(table.doubleColumn("fid").asDoubleArray()).containsExactly(1e-7, 12345678.5);
    assertThat(table.stringColumn("extractor").asList())
        .containsExactly("a, \"quoted\" name", "plain");
  }

  @Test
  void replacesTheRowsOfARunThatIsBegunAgain() throws IOException {
    Path file = folder.resolve("metrics.csv");
    MetricsCsv csv = MetricsCsv.ofEpochs(file);
    for (int epoch = 1; epoch <= 4; epoch++) {
      csv.append(epoch, metrics(epoch, "before"));
    }
    csv.append(2, metrics(2.5, "after"));
    Table table = Table.read().csv(file.toFile());
    assertThat(table.doubleColumn("fid").asDoubleArray()).containsExactly(1, 2.5);
  }

  @Test
  void refusesRowsOfSomethingElseAndLeavesThemAlone() throws IOException {
    Path file = folder.resolve("metrics.csv");
    Files.writeString(file, HEADER + "\nloss\n");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> MetricsCsv.ofEpochs(file))
        .withMessage(
            "Expected rows that begin with a number in %s, found \"loss\". Move that file away; a new one is then created."
                .formatted(file));
    assertThat(file).hasContent(HEADER + "\nloss");
  }

  @Test
  void refusesAFileWithAnotherHeaderAndLeavesItAlone() throws IOException {
    Path file = folder.resolve("metrics.csv");
    Files.writeString(file, "epoch,loss\n1,0.5\n");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> MetricsCsv.ofEpochs(file))
        .withMessage(
            "Expected the header \"%s\" in %s, found \"epoch,loss\". Move that file away; a new one is then created."
                .formatted(HEADER, file));
    assertThat(file).hasContent("epoch,loss\n1,0.5\n");
  }

  @Test
  void removesWhatACrashLeftLongAgo() throws IOException {
    Path old =
        Files.createFile(folder.resolve(".metrics.csv-0123456789abcdef0123456789abcdef.partial"));
    Path young =
        Files.createFile(folder.resolve(".metrics.csv-0123456789abcdef0123456789abcdee.partial"));
    Path other =
        Files.createFile(folder.resolve(".other.csv-0123456789abcdef0123456789abcdef.partial"));
    for (Path file : List.of(old, other)) {
      Files.setLastModifiedTime(file, FileTime.from(Instant.EPOCH));
    }

    MetricsCsv.ofEpochs(folder.resolve("metrics.csv")).append(1, metrics(12.5, "none"));

    assertThat(old).doesNotExist();
    assertThat(young).exists();
    assertThat(other).exists();
  }

  @Test
  void refusesAFileThatEndsWithinARow() throws IOException {
    Path file = folder.resolve("metrics.csv");
    Files.writeString(file, HEADER + "\n1,0.2");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> MetricsCsv.ofEpochs(file))
        .withMessage(
            "Expected %s to end with a complete row, found \"1,0.2\". Remove that row."
                .formatted(file));
  }

  static EvaluationMetrics metrics(double fid, String extractor) {
    return new EvaluationMetrics(
        new EvaluationMetrics.Scores(0.25, fid, 0.75, 1.5, 0.125),
        new EvaluationMetrics.Conditions(
            new EvaluationConfig(2600, 10, 42, 50),
            extractor,
            "DDPMScheduler",
            1040,
            "0f1e2d3c4b5a",
            "same class"));
  }
}
