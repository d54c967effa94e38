package emnist.diffusion.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDManager;
import emnist.diffusion.OtherClasses;
import emnist.diffusion.data.BuiltInLetters;
import emnist.diffusion.data.EmnistDataset;
import emnist.diffusion.generation.DDPMPipeline;
import emnist.diffusion.image.ImageBatch;
import emnist.diffusion.metrics.FeatureExtractor;
import emnist.diffusion.metrics.FeatureStatistics;
import emnist.diffusion.metrics.FrechetDistance;
import emnist.diffusion.metrics.ImageFeatures;
import emnist.diffusion.metrics.InceptionScore;
import emnist.diffusion.metrics.StructuralSimilarity;
import emnist.diffusion.model.UNet2DModel;
import emnist.diffusion.model.UNet2DModelConfig;
import emnist.diffusion.random.CounterRandom;
import emnist.diffusion.scheduler.DDPMScheduler;
import emnist.diffusion.scheduler.DDPMSchedulerConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EvaluationTest {

  private static final EvaluationConfig CONFIG = new EvaluationConfig(30, 3, 11, 2);

  @TempDir private static Path folder;
  private static NDManager manager;
  private static EmnistDataset real;
  private static DDPMPipeline byClass;
  private static DDPMPipeline withoutClasses;

  @BeforeAll
  static void prepare() throws IOException {
    manager = NDManager.newBaseManager();
    // One real image a class, so that a test can name the image SSIM compares with.
    real = BuiltInLetters.open(false).limit(26);
    byClass = pipeline(28, "26");
    withoutClasses = pipeline(28, "null");
  }

  @AfterAll
  static void freeArrays() {
    manager.close();
  }

  @Test
  void generatesAllClassesInTurn() throws InterruptedException {
    Evaluation.Result result = evaluation().evaluate(byClass);

    int[] labels = IntStream.range(0, 30).map(i -> i % 26).toArray();
    assertThat(result.samples().pixels()).isEqualTo(byClass.generate(labels, 11, 2).pixels());
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 3, 26})
  void theNullClassIsNeverALetter(int nullClass) throws InterruptedException {
    DDPMPipeline withNullClass = pipeline(28, "27").withNullClass(nullClass);

    Evaluation.Result result = evaluation().evaluate(withNullClass);

    int[] letters = IntStream.range(0, 30).map(i -> i % 26).toArray();
    int[] classes = IntStream.of(letters).map(i -> i < nullClass ? i : i + 1).toArray();
    assertThat(result.samples().pixels())
        .isEqualTo(withNullClass.generate(classes, 11, 2).pixels());
    assertThat(result.metrics().scores().ssim())
        .isEqualTo(
            ssim(result.samples(), IntStream.of(letters).map(EvaluationTest::imageOf).toArray()));
  }

  @Test
  void comparesWithARealImageOfTheSameClass() throws InterruptedException {
    Evaluation.Result result = evaluation().evaluate(byClass);

    int[] references = IntStream.range(0, 30).map(i -> imageOf(i % 26)).toArray();
    assertThat(result.metrics().scores().ssim()).isEqualTo(ssim(result.samples(), references));
    assertThat(result.metrics().conditions().ssimPairs()).isEqualTo("same class");
  }

  @Test
  void comparesWithAnyRealImageIfTheNetworkHasNoClasses() throws InterruptedException {
    Evaluation.Result result = evaluation().evaluate(withoutClasses);

    int[] sameClass = IntStream.range(0, 30).map(i -> imageOf(i % 26)).toArray();
    assertThat(result.metrics().scores().ssim()).isNotEqualTo(ssim(result.samples(), sameClass));
    assertThat(result.metrics().conditions().ssimPairs()).isEqualTo("any class");
  }

  @Test
  void computesFidAgainstAllRealImagesAndTheInceptionScoreFromTheSamples()
      throws InterruptedException {
    Evaluation.Result result = evaluation().evaluate(byClass);

    ImageFeatures seen = new Brightness().extract(result.samples());
    int[] order = new CounterRandom(11).permutation(30);
    InceptionScore.Score inceptionScore = InceptionScore.of(seen.logits(), 3, order);
    ImageFeatures seenReal = new Brightness().extract(real.images(all()));
    assertThat(result.metrics().scores().fid())
        .isEqualTo(FrechetDistance.between(statistics(seenReal), statistics(seen)), within(1e-9));
    assertThat(result.metrics().scores().isMean()).isEqualTo(inceptionScore.mean());
    assertThat(result.metrics().scores().isStd()).isEqualTo(inceptionScore.std());
  }

  @Test
  void theFloorIsDrawnAsTheNetworkIsAskedForItsImages() throws InterruptedException {
    double balanced = evaluation().evaluate(byClass).metrics().scores().fidFloor();
    double ofAnyClass = evaluation().evaluate(withoutClasses).metrics().scores().fidFloor();

    assertThat(balanced).isPositive().isLessThan(ofAnyClass);
  }

  @Test
  void theDrawsOfTheFloorAreIndependentOfThoseOfTheNextSeed() throws InterruptedException {
    double floor = evaluation().evaluate(withoutClasses).metrics().scores().fidFloor();
    double nextFloor =
        new Evaluation(real, new Brightness(), new EvaluationConfig(30, 3, 12, 2))
            .evaluate(withoutClasses)
            .metrics()
            .scores()
            .fidFloor();

    float[][] features = new Brightness().extract(real.images(all())).features();
    assertThat(floor).isEqualTo(floor(features, 11), within(1e-9)).isNotEqualTo(nextFloor);
    assertThat(nextFloor).isEqualTo(floor(features, 12), within(1e-9));
  }

  @Test
  void saysWhatWasCompared() throws InterruptedException {
    EvaluationMetrics metrics = evaluation().evaluate(byClass).metrics();

    assertThat(metrics.conditions().config().samples()).isEqualTo(30);
    assertThat(metrics.conditions().config().splits()).isEqualTo(3);
    assertThat(metrics.conditions().config().seed()).isEqualTo(11);
    assertThat(metrics.conditions().scheduler()).isEqualTo("DDPMScheduler");
    assertThat(metrics.conditions().config().numInferenceSteps()).isEqualTo(2);
    assertThat(metrics.conditions().extractor()).isEqualTo("brightness");
    assertThat(metrics.conditions().realSamples()).isEqualTo(26);
    assertThat(metrics.conditions().realData())
        .hasSize(12)
        .isEqualTo(real.sha256().substring(0, 12));
  }

  @Test
  void givesEqualNumbersForEqualNetworks() throws InterruptedException {
    Evaluation evaluation = evaluation();

    assertThat(evaluation.evaluate(withoutClasses).metrics())
        .isEqualTo(evaluation.evaluate(withoutClasses).metrics());
  }

  @Test
  void aRunWithAnotherSeedDiffersInAllButTheFloor() throws InterruptedException {
    Evaluation evaluation = evaluation();

    Evaluation.Result result = evaluation.evaluate(withoutClasses, 12);

    int[] labels = IntStream.range(0, 30).map(i -> i % 26).toArray();
    assertThat(result.samples().pixels())
        .isEqualTo(withoutClasses.generate(labels, 12, 2).pixels());
    assertThat(result.metrics().conditions().config().seed()).isEqualTo(12);
    EvaluationMetrics first = evaluation.evaluate(withoutClasses).metrics();
    assertThat(result.metrics().scores().fidFloor()).isEqualTo(first.scores().fidFloor());
    assertThat(result.metrics().scores().ssim()).isNotEqualTo(first.scores().ssim());
  }

  @Test
  void looksAtTheRealImagesOnce() throws InterruptedException {
    Brightness extractor = new Brightness();
    Evaluation evaluation = new Evaluation(real, extractor, CONFIG);
    evaluation.evaluate(byClass);
    evaluation.evaluate(byClass);

    assertThat(extractor.images).isEqualTo(26 + 2 * 30);
  }

  @Test
  void refusesANetworkForOtherImages() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> evaluation().evaluate(pipeline(16, "26")))
        .withMessage(
            "Expected a network for grey images of 28 x 28 pixels, found sample_size 16 and 1 channels. Compare with images like those it was trained on.");
  }

  @Test
  void refusesANetworkOfFewerClasses() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> evaluation().evaluate(pipeline(28, "10")))
        .withMessage(
            "Expected a network with at least 26 classes for these images, found num_class_embeds = 10. Compare with images like those it was trained on.");
  }

  @Test
  void refusesAClassWithoutARealImage() throws IOException {
    EmnistDataset incomplete = OtherClasses.of(folder, "ABCDEFGHIJKLMNOPQRSTUVWXYZ&");
    Evaluation evaluation = new Evaluation(incomplete, new Brightness(), CONFIG);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> evaluation.evaluate(pipeline(28, "27")))
        .withMessage(
            "Expected a real image of every class, found none of \"&\". Pass a complete test set.");
  }

  @Test
  void refusesASingleRealImage() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Evaluation(real.limit(1), new Brightness(), CONFIG))
        .withMessage("Expected at least 2 real images, found 1. Pass a complete test set.");
  }

  @Test
  void stopsOnAnInterrupt() {
    Evaluation evaluation = evaluation();
    Thread.currentThread().interrupt();

    assertThatExceptionOfType(InterruptedException.class)
        .isThrownBy(() -> evaluation.evaluate(byClass));
    assertThat(Thread.interrupted()).isFalse();
  }

  @Test
  void refusesSettingsThatGiveNoNumbers() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new EvaluationConfig(1, 1, 0, 50))
        .withMessage(
            "Expected 2 to 10000000 samples, found 1. Use hundreds, because FID falls as they grow.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new EvaluationConfig(26, 27, 0, 50))
        .withMessage("Expected 1 to 26 splits for 26 samples, found 27. The paper uses 10.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new EvaluationConfig(26, 2, 0, 0))
        .withMessage(
            "Expected at least 1 inference step, found 0. Use as many as in training, or 50 for speed.");
  }

  private static Evaluation evaluation() {
    return new Evaluation(real, new Brightness(), CONFIG);
  }

  private static DDPMPipeline pipeline(int size, String classes) {
    String config =
        """
        {"sample_size": %s, "in_channels": 1, "out_channels": 1, "layers_per_block": 1,
         "block_out_channels": [8], "down_block_types": ["DownBlock2D"],
         "up_block_types": ["UpBlock2D"], "norm_num_groups": 4, "add_attention": false,
         "num_class_embeds": %s}
        """
            .formatted(size, classes);
    return new DDPMPipeline(
        new UNet2DModel(manager, UNet2DModelConfig.fromJson(config), 0),
        new DDPMScheduler(DDPMSchedulerConfig.defaults()));
  }

  /** The floor of an unconditional network: draw d is a function of (seed, d). */
  private static double floor(float[][] features, long seed) {
    List<int[]> draws =
        IntStream.rangeClosed(1, FrechetDistance.FLOOR_DRAWS)
            .mapToObj(draw -> new CounterRandom(seed, draw))
            .map(random -> IntStream.generate(() -> random.below(26)).limit(30).toArray())
            .toList();
    return FrechetDistance.floor(features, draws);
  }

  private static int[] all() {
    return IntStream.range(0, real.size()).toArray();
  }

  private static int imageOf(int label) {
    return IntStream.of(all()).filter(i -> real.label(i) == label).findFirst().orElseThrow();
  }

  private static double ssim(ImageBatch samples, int[] references) {
    double[] ssim = new StructuralSimilarity(2).perImage(samples, real.images(references));
    return Arrays.stream(ssim).average().orElseThrow();
  }

  private static FeatureStatistics statistics(ImageFeatures seen) {
    return FeatureStatistics.of(seen.features(), 2);
  }

  /** Sees the mean of the upper and of the lower half, and counts the images. */
  private static final class Brightness implements FeatureExtractor {

    private int images;

    @Override
    public String name() {
      return "brightness";
    }

    @Override
    public int dimension() {
      return 2;
    }

    @Override
    public int classes() {
      return 2;
    }

    @Override
    public ImageFeatures extract(ImageBatch batch) {
      images += batch.n();
      float[][] halves = new float[batch.n()][2];
      for (int i = 0; i < batch.n(); i++) {
        float[] image = batch.slice(i, i + 1).pixels();
        for (int p = 0; p < image.length; p++) {
          halves[i][2 * p / image.length] += 2 * image[p] / image.length;
        }
      }
      return new ImageFeatures(halves, halves);
    }
  }
}
