package emnist.diffusion.extras.quality;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ai.djl.ndarray.NDManager;
import emnist.diffusion.classifier.LetterClassifier;
import emnist.diffusion.data.BuiltInLetters;
import emnist.diffusion.data.EmnistDataset;
import emnist.diffusion.generation.DDPMPipeline;
import emnist.diffusion.generation.GenerationRequest;
import emnist.diffusion.image.ImageBatch;
import emnist.diffusion.model.UNet2DModel;
import emnist.diffusion.model.UNet2DModelConfig;
import emnist.diffusion.scheduler.DPMSolverMultistepSchedulerConfig;
import java.awt.image.BufferedImage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class QualityRunTest {

  private static final int CLASSES = 26;
  private static final int IMAGES = 10 * CLASSES;
  private static final int STEPS = 2;

  private static final String NETWORK =
      """
      {"sample_size": 28, "in_channels": 1, "out_channels": 1, "block_out_channels": [8, 8, 8],
       "layers_per_block": 1, "norm_num_groups": 4, "num_class_embeds": 27,
       "down_block_types": ["DownBlock2D", "DownBlock2D", "DownBlock2D"],
       "up_block_types": ["UpBlock2D", "UpBlock2D", "UpBlock2D"]}
      """;

  @TempDir static Path cache;

  private static NDManager manager;
  private static EmnistDataset all;
  private static RealImages real;
  private static LetterClassifier classifier;
  private static QualityMeasurement measurement;

  @TempDir Path temp;

  @BeforeAll
  static void trainAClassifier() throws Exception {
    manager = NDManager.newBaseManager();
    all = BuiltInLetters.open(true);
    real = new RealImages(all.limit(8 * CLASSES), BuiltInLetters.open(false));
    classifier = LetterClassifier.trainOrLoad(manager, cache, real.train(), 0);
    measurement = new QualityMeasurement(real, classifier);
  }

  @AfterAll
  static void free() {
    manager.close();
  }

  @Test
  void writesAReportAndItsPictures() throws Exception {
    DDPMPipeline pipeline = pipeline();

    String text = new QualityRun("tiny", pipeline, classifier, real, IMAGES, STEPS).writeInto(temp);

    assertThat(Files.readString(temp.resolve("quality.md"))).isEqualTo(text);
    assertThat(text)
        .startsWith("# Quality of tiny\n")
        .contains(
            "- **N = 260** generated images, 10 of each class: DPMSolverMultistepScheduler, 2 network calls")
        .contains("- **M = 520** test images, SHA-256 `" + real.test().sha256().substring(0, 12))
        .contains("built-in letters, train, limited to 208 images\n")
        .containsPattern("\\| read as asked \\| [\\d.]+ ± [\\d.]+ % \\| [\\d.]+ ± [\\d.]+ % \\|")
        .containsPattern("\\| worst class \\| [A-Z]: 0\\.0 ± 0\\.0 % \\| [A-Z]: [\\d.]+ ± ")
        .containsPattern("Fréchet classifier distance \\| [\\d.]+ ± [\\d.]+ \\| ")
        .containsPattern("\\| recall of these training images \\| 0\\.0 ± 0\\.0 % \\| [\\d.]+ ± ")
        .containsPattern("\\n\\| Z \\| [\\d.]+ ± [\\d.]+ % \\| [\\d.]+ ± [\\d.]+ % \\|\\n$");
    int tile = 2 * 28 + 2;
    BufferedImage letters = ImageIO.read(temp.resolve("letters.png").toFile());
    assertThat(letters.getWidth()).isEqualTo(2 + CLASSES * tile);
    assertThat(letters.getHeight()).isBetween(10 * tile, 11 * tile);
    BufferedImage nearest = ImageIO.read(temp.resolve("nearest_neighbours.png").toFile());
    assertThat(nearest.getHeight()).isBetween(3 * tile, 4 * tile);
    GenerationRequest request = GenerationRequest.fromPng(temp.resolve("letters.png"));
    assertThat(pipeline.generate(request).pixels())
        .isEqualTo(
            pipeline
                .generate(IntStream.range(0, IMAGES).map(i -> i % CLASSES).toArray(), 0, STEPS)
                .pixels());
  }

  @Test
  void copiesOfTrainingImagesAreReadAsAskedAndCaughtAsMemorised() {
    int[] copied = RealImages.inTurn(real.train(), 10, 7);

    Quality quality = measure(real.train().images(copied));

    assertThat(quality.readAsAsked().generated().value()).isGreaterThan(0.9);
    assertThat(quality.memorisation().tooNear().generated()).isEqualTo(new Estimate(1, 0));
    assertThat(quality.memorisation().median()).isZero();
    assertThat(quality.memorisation().nearest())
        .extracting(neighbours -> neighbours.get(0).index())
        .containsExactlyElementsOf(IntStream.of(copied).boxed().toList());
  }

  @Test
  void otherRealImagesScoreTheFloorAndAreNotTooNear() {
    Quality quality = measure(all.images(others()));

    assertThat(quality.distance().generated().value() / quality.floor()).isBetween(0.5, 2.0);
    assertThat(quality.spread().generated().value()).isBetween(0.8, 1.25);
    assertThat(quality.recall().generated().value())
        .isGreaterThan(0.7 * quality.recall().real().value());
    assertThat(quality.memorisation().tooNear().generated().value()).isLessThan(0.05);
    assertThat(quality.memorisation().tooNear().real().value()).isBetween(0.005, 0.02);
  }

  @Test
  void oneImageForAllOfAClassHasNoSpreadAndNoRecall() {
    int[] first = Arrays.copyOf(others(), CLASSES);

    Quality quality = measure(all.images(first).repeat(10));

    // Not 0 to the bit: a processor may round an image's features by its place in the batch.
    assertThat(quality.spread().generated().value()).isBetween(0.0, 1e-12);
    assertThat(quality.spread().generated().standardError()).isBetween(0.0, 1e-12);
    assertThat(quality.precision().generated().value()).isGreaterThan(0.3);
    assertThat(quality.recall().generated().value()).isLessThan(0.2);
    assertThat(quality.distance().generated().value()).isGreaterThan(2 * quality.floor());
  }

  @Test
  void pixelsAreRoundedToThoseOfAPicture() {
    ImageBatch images = all.images(others());
    float[] shifted = images.pixels().clone();
    for (int i = 0; i < shifted.length; i++) {
      shifted[i] += i % 2 == 0 ? 0.003f : -0.003f;
    }

    Quality quality = measure(new ImageBatch(shifted, images.n(), 1, 28, 28));

    assertThat(quality).isEqualTo(measure(images));
  }

  @Test
  void refusesImagesThatAreNotFinite() {
    float[] pixels = all.images(others()).pixels().clone();
    pixels[28 * 28] = Float.NaN;

    assertThatIllegalArgumentException()
        .isThrownBy(() -> measure(new ImageBatch(pixels, IMAGES, 1, 28, 28)))
        .withMessageStartingWith("Expected finite features, found NaN in row 1.")
        .withMessageEndingWith("training may have diverged.");
  }

  @Test
  void refusesDataWithTooFewImagesOfAClass() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new RealImages(all.limit(8 * CLASSES - 1), real.test()))
        .withMessage(
            "Expected at least 8 images of each class, found 7 of Z in built-in letters, train, limited to 207 images. Raise the limit or load other data.");
  }

  /** Ten real images of each class, in turn, that are not among the training images. */
  private static int[] others() {
    return Arrays.copyOfRange(
        IntStream.range(0, 20)
            .boxed()
            .flatMap(i -> IntStream.range(0, CLASSES).mapToObj(c -> nthOfClass(i, c)))
            .mapToInt(Integer::intValue)
            .toArray(),
        IMAGES,
        2 * IMAGES);
  }

  private static int nthOfClass(int n, int c) {
    return IntStream.range(0, all.size())
        .filter(i -> all.label(i) == c)
        .skip(n)
        .findFirst()
        .orElseThrow();
  }

  private static Quality measure(ImageBatch images) {
    return measurement.of(images);
  }

  private static DDPMPipeline pipeline() {
    return new DDPMPipeline(
        new UNet2DModel(manager, UNet2DModelConfig.fromJson(NETWORK), 0),
        DPMSolverMultistepSchedulerConfig.fromJson("{}").createScheduler(),
        26);
  }
}
