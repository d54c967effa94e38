package emnist.diffusion.evaluation;

import emnist.diffusion.data.EmnistDataset;
import emnist.diffusion.generation.DDPMPipeline;
import emnist.diffusion.image.ImageBatch;
import emnist.diffusion.metrics.FeatureExtractor;
import emnist.diffusion.metrics.FeatureStatistics;
import emnist.diffusion.metrics.FrechetDistance;
import emnist.diffusion.metrics.ImageFeatures;
import emnist.diffusion.metrics.InceptionScore;
import emnist.diffusion.metrics.StructuralSimilarity;
import emnist.diffusion.random.CounterRandom;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Generates images with a network and compares them with real ones: FID with all of them, SSIM with
 * one each, drawn by the seed from those of its class; for an unconditional network, from all. Good
 * letters of different handwritings differ, so SSIM stays well below 1.
 *
 * <p>With one seed the real images, the pairs and the noise are the same for every epoch, so that
 * only the network makes a difference.
 */
public final class Evaluation {

  /**
   * What an evaluation yields.
   *
   * @param samples the images generated, in {@code [-1, 1]}, of class {@code 0, 1, ..., K - 1, 0,
   *     ...} in turn if the network has classes
   */
  public record Result(EvaluationMetrics metrics, ImageBatch samples) {}

  /** Real images that the extractor sees at a time. */
  private static final int BATCH_SIZE = 1024;

  private static final int HASH_DIGITS = 12;
  private static final double DATA_RANGE = 2;

  /** The draw of the SSIM pairs; those of the floor follow. */
  private static final int PAIRS = 0;

  private final EmnistDataset real;
  private final FeatureExtractor extractor;
  private final EvaluationConfig config;
  private final FeatureStatistics realStatistics;
  private final float[][] realFeatures;
  private final Map<Boolean, Double> fidFloors = new HashMap<>();
  private final String realData;
  private final int[] labels;

  /**
   * Prepares evaluations against {@code real}, whose features are computed here, once.
   *
   * @param real images the network was not trained on
   * @throws IllegalArgumentException if there is only one real image, or the extractor does not
   *     accept images of that size
   */
  public Evaluation(EmnistDataset real, FeatureExtractor extractor, EvaluationConfig config) {
    if (real.size() < 2) {
      throw new IllegalArgumentException(
          "Expected at least 2 real images, found %s. Pass a complete test set."
              .formatted(real.size()));
    }
    this.real = real;
    this.extractor = extractor;
    this.config = config;
    this.realFeatures =
        real.batches(BATCH_SIZE)
            .flatMap(batch -> Arrays.stream(extractor.extract(batch).features()))
            .toArray(float[][]::new);
    this.realStatistics = FeatureStatistics.of(realFeatures, extractor.dimension());
    this.realData = real.sha256().substring(0, HASH_DIGITS);
    int classes = real.classNames().size();
    this.labels = IntStream.range(0, config.samples()).map(i -> i % classes).toArray();
  }

  /** As {@link #evaluate(DDPMPipeline, long)}, with the seed of the configuration. */
  public Result evaluate(DDPMPipeline pipeline) throws InterruptedException {
    return evaluate(pipeline, config.seed());
  }

  /**
   * Generates images and scores them.
   *
   * @param seed in place of the configuration's, for a run with other random numbers; the floor of
   *     FID stays the same
   * @param pipeline its classes but the null class are those of the real images, in the same order
   * @throws IllegalArgumentException if the network generates images of another size or has fewer
   *     classes than the real images, or a class has no real image
   * @throws InterruptedException if the thread was interrupted
   */
  public Result evaluate(DDPMPipeline pipeline, long seed) throws InterruptedException {
    requireFitting(pipeline);
    int[] references = references(isConditional(pipeline), seed, PAIRS);
    int[] classes = pipeline.conditioning().labels(labels);
    ImageBatch samples = pipeline.generate(classes, seed, config.numInferenceSteps());
    return new Result(compare(pipeline, seed, samples, references), samples);
  }

  private EvaluationMetrics compare(
      DDPMPipeline pipeline, long seed, ImageBatch samples, int[] references) {
    double[] ssim = new StructuralSimilarity(DATA_RANGE).perImage(samples, real.images(references));
    ImageFeatures seen = extractor.extract(samples);
    FeatureStatistics statistics = FeatureStatistics.of(seen.features(), extractor.dimension());
    int[] order = new CounterRandom(seed).permutation(config.samples());
    InceptionScore.Score is = InceptionScore.of(seen.logits(), config.splits(), order);
    EvaluationMetrics.Scores scores =
        new EvaluationMetrics.Scores(
            Arrays.stream(ssim).average().orElseThrow(),
            FrechetDistance.between(realStatistics, statistics),
            fidFloors.computeIfAbsent(isConditional(pipeline), this::fidFloor),
            is.mean(),
            is.std());
    return new EvaluationMetrics(scores, conditions(pipeline, seed));
  }

  private EvaluationMetrics.Conditions conditions(DDPMPipeline pipeline, long seed) {
    return new EvaluationMetrics.Conditions(
        new EvaluationConfig(config.samples(), config.splits(), seed, config.numInferenceSteps()),
        extractor.name(),
        pipeline.scheduler().config().className(),
        real.size(),
        realData,
        isConditional(pipeline) ? "same class" : "any class");
  }

  private static boolean isConditional(DDPMPipeline pipeline) {
    return pipeline.conditioning().isConditional();
  }

  /** What real images would score that are drawn as the network is asked for its own. */
  private double fidFloor(boolean sameClass) {
    List<int[]> draws =
        IntStream.rangeClosed(1, FrechetDistance.FLOOR_DRAWS)
            .mapToObj(draw -> references(sameClass, config.seed(), PAIRS + draw))
            .toList();
    return FrechetDistance.floor(realFeatures, draws);
  }

  /** For each generated image a real one, of its class or of any; draws are independent. */
  private int[] references(boolean sameClass, long seed, int draw) {
    CounterRandom random = new CounterRandom(seed, draw);
    int[] all = IntStream.range(0, real.size()).toArray();
    int[][] candidates = new int[real.classNames().size()][];
    for (int c = 0; c < candidates.length; c++) {
      int wanted = c;
      candidates[c] =
          sameClass ? IntStream.of(all).filter(i -> real.label(i) == wanted).toArray() : all;
    }
    return IntStream.of(labels).map(label -> oneOf(candidates[label], label, random)).toArray();
  }

  private int oneOf(int[] images, int label, CounterRandom random) {
    if (images.length == 0) {
      throw new IllegalArgumentException(
          "Expected a real image of every class, found none of \"%s\". Pass a complete test set."
              .formatted(real.classNames().get(label)));
    }
    return images[random.below(images.length)];
  }

  private void requireFitting(DDPMPipeline pipeline) {
    Integer size = pipeline.unet().config().sampleSize();
    int channels = pipeline.unet().config().outChannels();
    if (size == null || size != real.height() || size != real.width() || channels != 1) {
      throw new IllegalArgumentException(
          "Expected a network for grey images of %s x %s pixels, found sample_size %s and %s channels. Compare with images like those it was trained on."
              .formatted(real.height(), real.width(), size, channels));
    }
    pipeline.conditioning().requireComparable(real.classNames().size());
  }
}
