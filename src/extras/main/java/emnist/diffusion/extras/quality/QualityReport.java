package emnist.diffusion.extras.quality;

import emnist.diffusion.checkpoint.Safetensors;
import emnist.diffusion.data.EmnistDataset;
import emnist.diffusion.extras.quality.Quality.Comparison;
import emnist.diffusion.extras.quality.Quality.Memorisation;
import java.time.LocalDate;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * A measurement as Markdown, with all that it depends on.
 *
 * @param date the day of the measurement
 */
record QualityReport(QualityRun run, Quality quality, LocalDate date) {

  private static final int HASH_DIGITS = 12;

  /** The report. */
  String text() {
    return String.join("\n", conditions(), measures(), classes());
  }

  private String conditions() {
    EmnistDataset train = run.real().train();
    EmnistDataset test = run.real().test();
    return """
        # Quality of %s

        - **Network:** %s, SHA-256 `%s`
        - **N = %s** generated images, %s of each class: %s, %s network calls, no guidance, seeds 0 to %s
        - **M = %s** test images, SHA-256 `%s`
        - **Training images:** %s, SHA-256 `%s`: %s
        - **Classifier:** %s
        - **Date:** %s

        ± is one standard error: binomial of a share, else of a jackknife over %s groups of images.
        """
        .formatted(
            run.name(),
            run.name(),
            shortened(Safetensors.sha256(run.pipeline().unet().parameters())),
            count(run.images()),
            run.images() / run.real().classes(),
            run.pipeline().scheduler().config().className(),
            run.steps(),
            run.images() - 1,
            count(test.size()),
            shortened(test.sha256()),
            count(train.size()),
            shortened(train.sha256()),
            train.source().replaceFirst(", from .*", ""), // its place means nothing to others
            run.classifier().name(),
            date,
            QualityMeasurement.GROUPS);
  }

  private String measures() {
    double floor = quality.floor();
    Estimate distance = quality.distance().generated();
    Estimate realDistance = quality.distance().real();
    Memorisation memorisation = quality.memorisation();
    String test = "test images";
    String training = count(run.images()) + " training images";
    String half = count(quality.manifoldImages()) + " training images";
    return String.join(
        "\n",
        "| measure | generated | real | which real images |",
        "| --- | --- | --- | --- |",
        shares("read as asked", quality.readAsAsked(), test),
        row("worst class", worst(Comparison::generated), worst(Comparison::real), test),
        row("Fréchet classifier distance", number(distance), number(realDistance), training),
        row(
            "the same in floors of " + number(floor),
            number(distance.value() / floor),
            number(realDistance.value() / floor),
            training),
        row(
            "spread within a class (test images: 1)",
            number(quality.spread().generated()),
            number(quality.spread().real()),
            training),
        shares("precision beside " + half, quality.precision(), "as many others"),
        shares("recall of these training images", quality.recall(), "the same others"),
        row(
            "distance to the nearest training image, median",
            number(memorisation.median()),
            number(memorisation.testMedian()),
            test),
        shares(
            "nearer than %s, first percentile of the test images"
                .formatted(number(memorisation.limit())),
            memorisation.tooNear(),
            test),
        "");
  }

  private String worst(Function<Comparison, Estimate> side) {
    List<Estimate> shares = quality.readByClass().stream().map(side).toList();
    int worst =
        IntStream.range(0, shares.size())
            .boxed()
            .min(Comparator.comparingDouble(c -> shares.get(c).value()))
            .orElseThrow();
    return "%s: %s".formatted(className(worst), percent(shares.get(worst)));
  }

  private String classes() {
    StringBuilder table = new StringBuilder("| class | generated | test images |\n");
    table.append("| --- | --- | --- |\n");
    for (int c = 0; c < run.real().classes(); c++) {
      Comparison read = quality.readByClass().get(c);
      String row = "| %s | %s | %s |\n";
      table.append(row.formatted(className(c), percent(read.generated()), percent(read.real())));
    }
    return table.toString();
  }

  private String className(int c) {
    return run.real().train().classNames().get(c);
  }

  private static String shares(String measure, Comparison found, String which) {
    return row(measure, percent(found.generated()), percent(found.real()), which);
  }

  private static String row(String measure, String generated, String real, String which) {
    return "| %s | %s | %s | %s |".formatted(measure, generated, real, which);
  }

  private static String percent(Estimate share) {
    double p = 100 * share.value();
    return String.format(Locale.ROOT, "%.1f ± %.1f %%", p, 100 * share.standardError());
  }

  private static String number(Estimate estimate) {
    return number(estimate.value()) + " ± " + number(estimate.standardError());
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.2f", value);
  }

  private static String count(int number) {
    return String.format(Locale.ROOT, "%,d", number);
  }

  private static String shortened(String sha256) {
    return sha256.substring(0, HASH_DIGITS);
  }
}
