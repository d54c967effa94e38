package emnist.diffusion.extras.quality;

import emnist.diffusion.extras.metrics.ImprovedPrecisionRecall;
import emnist.diffusion.extras.quality.Quality.Comparison;
import emnist.diffusion.extras.quality.Quality.Memorisation;
import java.time.LocalDate;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * A {@link Quality} as Markdown, with all that it depends on.
 *
 * @param network its name
 * @param networkSha256 of its weights
 * @param scheduler the name of its class
 * @param steps network calls per image
 * @param images number of generated images
 * @param classifier the name of the feature extractor
 * @param date the day of the measurement
 */
record QualityReport(
    String network,
    String networkSha256,
    String scheduler,
    int steps,
    int images,
    String classifier,
    LocalDate date) {

  private static final int HASH_DIGITS = 12;

  /** The report. */
  String text(Quality quality, RealImages real) {
    List<String> classNames = real.train().classNames();
    return String.join(
        "\n", heading(real), measures(quality, classNames), byClass(quality, classNames));
  }

  private String heading(RealImages real) {
    return """
        # Quality of %s

        - **Network:** %s, SHA-256 `%s`
        - **N = %s** generated images, %s of each of %s classes: %s, %s network calls, no guidance, seeds 0 to %s
        - **M = %s** test images, SHA-256 `%s`
        - **Training images:** %s, SHA-256 `%s`: %s
        - **Classifier:** %s
        - **Date:** %s

        ± is one standard error: binomial of a share, else of a jackknife over %s groups of images.
        """
        .formatted(
            network,
            network,
            shortened(networkSha256),
            count(images),
            images / real.classes(),
            real.classes(),
            scheduler,
            steps,
            images - 1,
            count(real.test().size()),
            shortened(real.test().sha256()),
            count(real.train().size()),
            shortened(real.train().sha256()),
            real.train().source(),
            classifier,
            date,
            QualityMeasurement.GROUPS);
  }

  private String measures(Quality quality, List<String> classNames) {
    Comparison distance = quality.distance();
    ImprovedPrecisionRecall generated = quality.ofGenerated();
    ImprovedPrecisionRecall real = quality.ofReal();
    int n = quality.manifoldImages();
    Memorisation memorisation = quality.memorisation();
    String test = "test images";
    String training = "%s training images".formatted(count(images));
    String otherHalf = "the other half of the training images";
    return String.join(
        "\n",
        "| measure | generated | real | which real images |",
        "| --- | --- | --- | --- |",
        row("read as asked", quality.readAsAsked(), QualityReport::percent, test),
        row(
            "worst class",
            worst(quality, classNames, Comparison::generated),
            worst(quality, classNames, Comparison::real),
            test),
        row(
            "Fréchet classifier distance from the test images",
            distance,
            QualityReport::number,
            training),
        row(
            "the same in floors of " + number(quality.floor()),
            number(distance.generated().value() / quality.floor()),
            number(distance.real().value() / quality.floor()),
            training),
        row(
            "spread within a class, that of the test images = 1",
            quality.spread(),
            QualityReport::number,
            training),
        row(
            "precision: %s images within the manifold of half of the training images"
                .formatted(count(n)),
            share(generated.precision(), real.precision(), n),
            QualityReport::percent,
            otherHalf),
        row(
            "recall: that half within the manifold of these images",
            share(generated.recall(), real.recall(), n),
            QualityReport::percent,
            otherHalf),
        row(
            "distance in pixels to the nearest training image, median",
            number(memorisation.median()),
            number(memorisation.testMedian()),
            test),
        row(
            "nearer than %s, the first percentile of the test images"
                .formatted(number(memorisation.limit())),
            memorisation.tooNear(),
            QualityReport::percent,
            test),
        "");
  }

  private static Comparison share(double generated, double real, int n) {
    return new Comparison(Estimate.ofShare(generated, n), Estimate.ofShare(real, n));
  }

  private static String worst(
      Quality quality, List<String> classNames, Function<Comparison, Estimate> side) {
    List<Estimate> shares = quality.readByClass().stream().map(side).toList();
    int worst =
        IntStream.range(0, shares.size())
            .boxed()
            .min(Comparator.comparingDouble(c -> shares.get(c).value()))
            .orElseThrow();
    return classNames.get(worst) + ": " + percent(shares.get(worst));
  }

  private static String byClass(Quality quality, List<String> classNames) {
    StringBuilder rows = new StringBuilder();
    for (int c = 0; c < classNames.size(); c++) {
      Comparison read = quality.readByClass().get(c);
      rows.append(
          "| %s | %s | %s |\n"
              .formatted(classNames.get(c), percent(read.generated()), percent(read.real())));
    }
    return "| class | generated, read as asked | test images |\n| --- | --- | --- |\n" + rows;
  }

  private static String row(
      String measure, Comparison found, Function<Estimate, String> format, String which) {
    return row(measure, format.apply(found.generated()), format.apply(found.real()), which);
  }

  private static String row(String measure, String generated, String real, String which) {
    return "| %s | %s | %s | %s |".formatted(measure, generated, real, which);
  }

  private static String percent(Estimate share) {
    return String.format(
        Locale.ROOT, "%.1f ± %.1f %%", 100 * share.value(), 100 * share.standardError());
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
