package emnist.diffusion.extras.quality;

import emnist.diffusion.data.EmnistDataset;
import emnist.diffusion.extras.metrics.ImprovedPrecisionRecall;
import emnist.diffusion.extras.metrics.NearestNeighbours;
import emnist.diffusion.extras.metrics.NearestNeighbours.Neighbour;
import emnist.diffusion.extras.quality.Quality.Comparison;
import emnist.diffusion.extras.quality.Quality.Memorisation;
import emnist.diffusion.image.ImageBatch;
import emnist.diffusion.image.Pixels;
import emnist.diffusion.metrics.FeatureExtractor;
import emnist.diffusion.metrics.FeatureStatistics;
import emnist.diffusion.metrics.FrechetDistance;
import emnist.diffusion.metrics.ImageFeatures;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Measures images that a network was asked for in turn, of class {@code 0, 1, ..., K - 1, 0, ...},
 * beside real ones. What is random depends on a fixed seed.
 */
final class QualityMeasurement {

  /** The groups of the jackknife; each has images of all classes. */
  static final int GROUPS = 10;

  /** Random splits of the test images whose mean distance tells the floor. */
  private static final int SPLITS = 10;

  /** Real images that the extractor sees at a time. */
  private static final int BATCH_SIZE = 1024;

  private static final long SEED = 0;

  private final RealImages real;
  private final FeatureExtractor extractor;
  private final int classes;
  private final float[][] trainFeatures;
  private final ImageFeatures test;
  private final int[] testLabels;
  private final int[] testRead;
  private final FeatureStatistics testStatistics;

  /**
   * Prepares measurements beside real images, whose features are computed here, once.
   *
   * @param extractor trained on the training images only
   */
  QualityMeasurement(RealImages real, FeatureExtractor extractor) {
    this.real = real;
    this.extractor = extractor;
    this.classes = real.classes();
    this.trainFeatures = extract(real.train()).features();
    this.test = extract(real.test());
    this.testLabels = IntStream.range(0, real.test().size()).map(real.test()::label).toArray();
    this.testRead = test.classes();
    this.testStatistics = statistics(test.features());
  }

  private ImageFeatures extract(EmnistDataset data) {
    List<ImageFeatures> batches = data.batches(BATCH_SIZE).map(extractor::extract).toList();
    return new ImageFeatures(
        batches.stream().flatMap(b -> Arrays.stream(b.features())).toArray(float[][]::new),
        batches.stream().flatMap(b -> Arrays.stream(b.logits())).toArray(float[][]::new));
  }

  /**
   * Refuses a number of images that cannot be measured.
   *
   * @throws IllegalArgumentException if it is not a multiple of the number of classes, or is less
   *     than {@value #GROUPS} times that
   */
  static void requireImages(int images, int classes) {
    if (images % classes != 0 || images < GROUPS * classes) {
      throw new IllegalArgumentException(
          "Expected a multiple of the %s classes and at least %s as the number of images, found %s. Change IMAGES."
              .formatted(classes, GROUPS * classes, images));
    }
  }

  /**
   * Measures images, rounded to the grey levels of a picture.
   *
   * @param samples {@code (N, 1, H, W)} of all classes in turn
   * @throws IllegalArgumentException as {@link #requireImages}, or if a pixel is not finite
   */
  Quality of(ImageBatch samples) {
    requireImages(samples.n(), classes);
    FeatureStatistics.requireFinite(rows(samples), samples.pixelsPerImage());
    ImageBatch images = rounded(samples);
    ImageFeatures seen = extractor.extract(images);
    float[][] generated = seen.features();
    int[] read = seen.classes();
    int perClass = images.n() / classes;
    float[][] training = training(perClass);
    int half = Math.min(perClass, RealImages.fewest(real.train()) / 2) * classes;
    float[][] halves = training(2 * half / classes);
    float[][] reference = Arrays.copyOf(halves, half);
    float[][] others = Arrays.copyOfRange(halves, half, 2 * half);
    int k = ImprovedPrecisionRecall.NEIGHBOURHOOD;
    var ofGenerated = ImprovedPrecisionRecall.of(reference, Arrays.copyOf(generated, half), k);
    var ofReal = ImprovedPrecisionRecall.of(reference, others, k);
    return new Quality(
        readAsAsked(read, c -> true),
        IntStream.range(0, classes)
            .mapToObj(wanted -> readAsAsked(read, c -> c == wanted))
            .toList(),
        compare(generated, training, this::distance),
        floor(images.n()),
        compare(generated, training, this::spread),
        half,
        shares(ofGenerated.precision(), ofReal.precision(), half),
        shares(ofGenerated.recall(), ofReal.recall(), half),
        memorisation(images));
  }

  private float[][] training(int perClass) {
    return pick(trainFeatures, RealImages.inTurn(real.train(), perClass, SEED));
  }

  private static Comparison shares(double generated, double real, int n) {
    return new Comparison(Estimate.ofShare(generated, n), Estimate.ofShare(real, n));
  }

  /** The images as they are after they were written to a PNG and read again. */
  private static ImageBatch rounded(ImageBatch images) {
    float[] pixels = new float[images.pixels().length];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (Pixels.toUnsignedByte(images.pixels()[i]) / 255f - 0.5f) / 0.5f;
    }
    return new ImageBatch(pixels, images.n(), images.channels(), images.height(), images.width());
  }

  private Comparison readAsAsked(int[] read, IntPredicate isMeant) {
    int[] asked = IntStream.range(0, read.length).map(i -> i % classes).toArray();
    return new Comparison(
        readAsAsked(read, asked, isMeant), readAsAsked(testRead, testLabels, isMeant));
  }

  private static Estimate readAsAsked(int[] read, int[] asked, IntPredicate isMeant) {
    int[] images = IntStream.range(0, asked.length).filter(i -> isMeant.test(asked[i])).toArray();
    long right = IntStream.of(images).filter(i -> read[i] == asked[i]).count();
    return Estimate.ofShare((double) right / images.length, images.length);
  }

  private Comparison compare(
      float[][] generated, float[][] training, ToDoubleFunction<float[][]> statistic) {
    return new Comparison(jackknife(generated, statistic), jackknife(training, statistic));
  }

  /** A group has every tenth image of each class. */
  private Estimate jackknife(float[][] inTurn, ToDoubleFunction<float[][]> statistic) {
    double[] leftOut =
        IntStream.range(0, GROUPS)
            .mapToObj(g -> where(inTurn, i -> i / classes % GROUPS != g))
            .mapToDouble(statistic)
            .toArray();
    return Estimate.ofJackknife(statistic.applyAsDouble(inTurn), leftOut);
  }

  private double distance(float[][] features) {
    return FrechetDistance.between(testStatistics, statistics(features));
  }

  /**
   * The expected distance of n other real images from the m test images.
   *
   * <p>Between samples of one distribution it is {@code c (1/n + 1/m)} (Chong and Forsyth 2020,
   * arXiv:1911.07023), and random halves of the test images tell c. A bootstrap of the test images
   * tells less than the floor, because it leaves the error of the test images out.
   */
  private double floor(double n) {
    double m = real.test().size();
    int perClass = RealImages.fewest(real.test()) / 2;
    int half = perClass * classes;
    double distance =
        IntStream.range(0, SPLITS)
            .mapToObj(split -> RealImages.inTurn(real.test(), 2 * perClass, split))
            .map(drawn -> pick(test.features(), drawn))
            .mapToDouble(
                halves ->
                    FrechetDistance.between(
                        statistics(Arrays.copyOf(halves, half)),
                        statistics(Arrays.copyOfRange(halves, half, 2 * half))))
            .average()
            .orElseThrow();
    double c = distance / (2.0 / half);
    return c * (1 / n + 1 / m);
  }

  private FeatureStatistics statistics(float[][] features) {
    return FeatureStatistics.of(features, extractor.dimension());
  }

  /** Mean over the classes of the ratio of variances. */
  private double spread(float[][] inTurn) {
    return IntStream.range(0, classes)
        .mapToDouble(
            c ->
                variance(where(inTurn, i -> i % classes == c))
                    / variance(where(test.features(), i -> testLabels[i] == c)))
        .average()
        .orElseThrow();
  }

  /** The trace of the covariance. */
  private double variance(float[][] features) {
    double[] covariance = statistics(features).covariance();
    int dimension = extractor.dimension();
    return IntStream.range(0, dimension).mapToDouble(i -> covariance[i * dimension + i]).sum();
  }

  private Memorisation memorisation(ImageBatch images) {
    float[][] train =
        real.train().batches(BATCH_SIZE).flatMap(b -> Stream.of(rows(b))).toArray(float[][]::new);
    int perClass = Math.min(images.n() / classes, RealImages.fewest(real.test()));
    int[] held = RealImages.inTurn(real.test(), perClass, SEED);
    List<List<Neighbour>> nearest = NearestNeighbours.of(rows(images), train, 2);
    double[] generated = sortedDistances(nearest);
    double[] test = sortedDistances(NearestNeighbours.of(rows(real.test().images(held)), train, 1));
    double limit = quantile(test, 0.01);
    return new Memorisation(
        quantile(generated, 0.5),
        quantile(test, 0.5),
        limit,
        new Comparison(below(limit, generated), below(limit, test)),
        nearest);
  }

  private static double[] sortedDistances(List<List<Neighbour>> nearest) {
    return nearest.stream()
        .mapToDouble(neighbours -> neighbours.get(0).distance())
        .sorted()
        .toArray();
  }

  /** Interpolated between the two nearest ranks, as NumPy does. */
  private static double quantile(double[] sorted, double q) {
    double rank = q * (sorted.length - 1);
    int below = (int) rank;
    int above = (int) Math.ceil(rank);
    return sorted[below] + (rank - below) * (sorted[above] - sorted[below]);
  }

  private static Estimate below(double limit, double[] distances) {
    long near = Arrays.stream(distances).filter(distance -> distance < limit).count();
    return Estimate.ofShare((double) near / distances.length, distances.length);
  }

  private static float[][] rows(ImageBatch images) {
    int length = images.pixelsPerImage();
    return IntStream.range(0, images.n())
        .mapToObj(i -> Arrays.copyOfRange(images.pixels(), i * length, (i + 1) * length))
        .toArray(float[][]::new);
  }

  private static float[][] where(float[][] rows, IntPredicate isWanted) {
    return pick(rows, IntStream.range(0, rows.length).filter(isWanted).toArray());
  }

  private static float[][] pick(float[][] rows, int[] indices) {
    return IntStream.of(indices).mapToObj(i -> rows[i]).toArray(float[][]::new);
  }
}
