package emnist.diffusion.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import emnist.diffusion.Golden;
import emnist.diffusion.image.ImageBatch;
import java.util.Arrays;
import java.util.regex.Pattern;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class StructuralSimilarityTest {

  private static final double TOLERANCE = 1e-5;
  private static final Golden GOLDEN = Golden.open("metrics_ssim");
  private static final SsimWindow PAPER = SsimWindow.gaussian(1.5, 1.5);

  /** Settings that are tested with the metrics of the extras. */
  private static final Pattern OTHER_OPTIONS = Pattern.compile("msssim|dr_none|dr_tuple|uniform");

  /** A setting of the reference file: which images, and which metric. */
  private record Case(
      ImageBatch images, ImageBatch references, double dataRange, SsimWindow window) {

    StructuralSimilarity metric() {
      return new StructuralSimilarity(dataRange, window, 0.01, 0.03);
    }
  }

  static Stream<String> cases() {
    return GOLDEN.names().stream()
        .filter(key -> key.endsWith(".per_image"))
        .filter(key -> !OTHER_OPTIONS.matcher(key).find())
        .map(key -> key.substring(0, key.length() - ".per_image".length()));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void agreesWithTorchmetrics(String key) {
    Case setting = setting(key);
    StructuralSimilarity metric =
        key.endsWith("k_dr1") ? new StructuralSimilarity(1, PAPER, 0.02, 0.05) : setting.metric();
    double[] found = metric.perImage(setting.images(), setting.references());
    GOLDEN.assertClose(key + ".per_image", found, TOLERANCE);
    double mean = Arrays.stream(found).average().orElseThrow();
    GOLDEN.assertClose(key + ".mean", new double[] {mean}, TOLERANCE);
  }

  static Stream<String> mapCases() {
    return GOLDEN.names().stream().filter(key -> key.endsWith(".full_image"));
  }

  @ParameterizedTest
  @MethodSource("mapCases")
  void agreesWithTorchmetricsAroundEveryPixel(String key) {
    Case setting = setting(key.substring(0, key.lastIndexOf('.')));
    // Where an image is flat, the reference's variance has lost digits to float32.
    GOLDEN.assertClose(
        key, setting.metric().similarityMap(setting.images(), setting.references()), 1e-3);
  }

  static Stream<String> sumCases() {
    return GOLDEN.names().stream().filter(key -> key.endsWith(".sum"));
  }

  @ParameterizedTest
  @MethodSource("sumCases")
  void hasTheSumOfTorchmetrics(String key) {
    Case setting = setting(key.substring(0, key.lastIndexOf('.')));
    double[] perImage = setting.metric().perImage(setting.images(), setting.references());
    GOLDEN.assertClose(
        key, new double[] {Arrays.stream(perImage).sum()}, perImage.length * TOLERANCE);
  }

  static Stream<String> streamingCases() {
    return GOLDEN.names().stream()
        .filter(key -> key.endsWith(".class_two_updates_3_1"))
        .filter(key -> !OTHER_OPTIONS.matcher(key).find());
  }

  @ParameterizedTest
  @MethodSource("streamingCases")
  void averagesOverImagesAndNotOverBatches(String key) {
    Case setting = setting(key.substring(0, key.lastIndexOf('.')));
    StructuralSimilarity metric = setting.metric();
    int all = setting.images().n();
    double[] first =
        metric.perImage(setting.images().slice(0, 3), setting.references().slice(0, 3));
    double[] rest =
        metric.perImage(setting.images().slice(3, all), setting.references().slice(3, all));
    double mean =
        DoubleStream.concat(Arrays.stream(first), Arrays.stream(rest)).average().orElseThrow();
    GOLDEN.assertClose(key, new double[] {mean}, TOLERANCE);
  }

  @Test
  void isTheSameForBatchesOfAnySize() {
    Case setting = setting("28.dr2");
    double[] atOnce = setting.metric().perImage(setting.images(), setting.references());
    for (int i = 0; i < atOnce.length; i++) {
      assertThat(
              setting
                  .metric()
                  .perImage(setting.images().slice(i, i + 1), setting.references().slice(i, i + 1)))
          .containsExactly(atOnce[i]);
    }
  }

  @Test
  void isOneForEqualImages() {
    ImageBatch images = images("28.preds11");
    assertThat(new StructuralSimilarity(2).perImage(images, images)).containsOnly(1);
  }

  @Test
  void comparesThousandsOfSmallImagesWithinSeconds() {
    ImageBatch images = new ImageBatch(new float[2600 * 784], 2600, 1, 28, 28);
    long start = System.nanoTime();
    new StructuralSimilarity(2).perImage(images, images);
    assertThat((System.nanoTime() - start) / 1e9).isLessThan(10);
  }

  @Test
  void refusesImagesOfDifferentSizes() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> new StructuralSimilarity(2).perImage(images("28.preds11"), images("32.preds11")))
        .withMessage(
            "Expected references of the images' shape (4, 1, 28, 28), found (4, 3, 32, 32)."
                + " Compare images of one size.");
  }

  @Test
  void refusesImagesSmallerThanTheReflectedEdge() {
    ImageBatch tiny = new ImageBatch(new float[25], 1, 1, 5, 5);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new StructuralSimilarity(2).perImage(tiny, tiny))
        .withMessage(
            "Expected images of at least 6 x 6 pixels for this window, found 5 x 5. Use a narrower window.");
  }

  @Test
  void acceptsImagesAsSmallAsTheReflectedEdgeAllows() {
    ImageBatch small = new ImageBatch(new float[36], 1, 1, 6, 6);
    assertThat(new StructuralSimilarity(2).perImage(small, small)[0]).isEqualTo(1, within(1e-12));
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, -1, Double.NaN, Double.POSITIVE_INFINITY})
  void refusesADataRangeThatIsNone(double dataRange) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new StructuralSimilarity(dataRange))
        .withMessage(
            "Expected a data range above 0, found %s. Pass 2 for pixels in [-1, 1], 1 for [0, 1]."
                .formatted(dataRange));
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, -1, 1001, 1e9, Double.NaN, Double.POSITIVE_INFINITY})
  void refusesASigmaThatIsNone(double sigma) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SsimWindow.gaussian(1.5, sigma))
        .withMessage(
            "Expected a sigma above 0 and of at most 1000 pixels, found %s. Use 1.5, as the paper does.",
            sigma);
  }

  private static Case setting(String key) {
    String size = key.substring(0, 3);
    String name = key.substring(3);
    ImageBatch images01 = images(size + "preds01");
    ImageBatch references01 = images(size + "target01");
    ImageBatch images11 = images(size + "preds11");
    ImageBatch references11 = images(size + "target11");
    return switch (name) {
      case "dr1", "k_dr1", "gauss_ks7_dr1" -> new Case(images01, references01, 1, PAPER);
      case "dr2" -> new Case(images11, references11, 2, PAPER);
      case "dr2_on01" -> new Case(images01, references01, 2, PAPER);
      case "sigma0.8_dr1" -> new Case(images01, references01, 1, SsimWindow.gaussian(0.8, 0.8));
      case "sigma2.5_dr1" -> new Case(images01, references01, 1, SsimWindow.gaussian(2.5, 2.5));
      case "sigma_aniso_dr1" -> new Case(images01, references01, 1, SsimWindow.gaussian(1.5, 0.8));
      case "dr255_u8range" ->
          new Case(scaled(images01, 255), scaled(references01, 255), 255, PAPER);
      default -> throw new AssertionError(name);
    };
  }

  private static ImageBatch images(String key) {
    long[] shape = GOLDEN.shape(key);
    return new ImageBatch(
        GOLDEN.floats(key), (int) shape[0], (int) shape[1], (int) shape[2], (int) shape[3]);
  }

  private static ImageBatch scaled(ImageBatch images, float scale) {
    float[] pixels = images.pixels().clone();
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] *= scale;
    }
    return new ImageBatch(pixels, images.n(), images.channels(), images.height(), images.width());
  }
}
