package emnist.diffusion.extras.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import emnist.diffusion.Golden;
import emnist.diffusion.image.ImageBatch;
import emnist.diffusion.metrics.StructuralSimilarity;
import java.util.Arrays;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** torchmetrics' options of SSIM that the core leaves out. */
class StructuralSimilarityOptionsTest {

  private static final double TOLERANCE = 1e-5;
  private static final Golden GOLDEN = Golden.open("metrics_ssim");

  static Stream<String> dataRangeCases() {
    return GOLDEN.names().stream()
        .filter(key -> key.endsWith(".per_image"))
        .filter(key -> key.contains("dr_none") || key.contains("dr_tuple"));
  }

  @ParameterizedTest
  @MethodSource("dataRangeCases")
  void agreesWithTorchmetricsOnTheDataRange(String perImage) {
    String key = perImage.substring(0, perImage.lastIndexOf('.'));
    double[] found = dataRange(key).perImage(preds(key), target(key));
    GOLDEN.assertClose(perImage, found, TOLERANCE);
    GOLDEN.assertClose(
        key + ".mean", new double[] {Arrays.stream(found).average().orElseThrow()}, TOLERANCE);
  }

  static Stream<String> streamingCases() {
    return GOLDEN.names().stream()
        .filter(key -> key.endsWith(".class_two_updates_3_1") && key.contains("dr_none"));
  }

  @ParameterizedTest
  @MethodSource("streamingCases")
  void takesTheDataRangeFromEachBatch(String updates) {
    String key = updates.substring(0, updates.lastIndexOf('.'));
    ImageBatch images = preds(key);
    ImageBatch references = target(key);
    int all = images.n();
    double mean =
        DoubleStream.concat(
                Arrays.stream(dataRange(key).perImage(images.slice(0, 3), references.slice(0, 3))),
                Arrays.stream(
                    dataRange(key).perImage(images.slice(3, all), references.slice(3, all))))
            .average()
            .orElseThrow();
    GOLDEN.assertClose(updates, new double[] {mean}, TOLERANCE);
  }

  static Stream<String> uniformCases() {
    return GOLDEN.names().stream().filter(key -> key.matches(".*uniform.*[.]per_image"));
  }

  @ParameterizedTest
  @MethodSource("uniformCases")
  void agreesWithTorchmetricsOnAUniformWindow(String key) {
    int size = key.contains("uniform7") ? 7 : 11;
    StructuralSimilarity metric = new StructuralSimilarity(1, UniformWindow.of(size), 0.01, 0.03);
    String setting = key.substring(0, key.lastIndexOf('.'));
    ImageBatch images = images(key.substring(0, 3) + "preds01");
    ImageBatch references = images(key.substring(0, 3) + "target01");
    double[] found = metric.perImage(images, references);
    GOLDEN.assertClose(setting + ".per_image", found, TOLERANCE);
    double mean = Arrays.stream(found).average().orElseThrow();
    GOLDEN.assertClose(setting + ".mean", new double[] {mean}, TOLERANCE);
  }

  static Stream<String> contrastCases() {
    return GOLDEN.names().stream().filter(key -> key.endsWith(".contrast_sensitivity"));
  }

  @ParameterizedTest
  @MethodSource("contrastCases")
  void agreesWithTorchmetricsOnTheContrast(String key) {
    String size = key.substring(0, 3);
    GOLDEN.assertClose(
        key,
        ContrastSensitivity.perImage(
            new StructuralSimilarity(1), images(size + "preds01"), images(size + "target01")),
        TOLERANCE);
  }

  @Test
  void refusesAContrastWithoutAWholeWindow() {
    ImageBatch small = new ImageBatch(new float[100], 1, 1, 10, 10);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ContrastSensitivity.perImage(new StructuralSimilarity(2), small, small))
        .withMessage(
            "Expected images of at least 11 x 11 pixels for this window, found 10 x 10. Use a narrower window.");
  }

  @Test
  void refusesAWindowWithoutACentre() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> UniformWindow.of(10))
        .withMessage(
            "Expected an odd window size of at least 1, found 10. Use 11, as the paper does.");
  }

  @Test
  void takesAWindowOfAnotherHeightThanWidth() {
    ImageBatch wide = new ImageBatch(new float[36], 1, 1, 3, 12);
    StructuralSimilarity metric = new StructuralSimilarity(2, UniformWindow.of(3, 11), 0.01, 0.03);
    assertThat(metric.perImage(wide, wide)).containsExactly(1);
  }

  @Test
  void refusesADataRangeThatFalls() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DataRange.clamping(1, -1))
        .withMessage(
            "Expected a data range from a lower to a higher value, found 1.0 to -1.0. Pass -1 and 1 for pixels in [-1, 1].");
  }

  @Test
  void refusesToTakeTheDataRangeFromFlatImages() {
    ImageBatch flat = new ImageBatch(new float[144], 1, 1, 12, 12);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DataRange.ofEachBatch().perImage(flat, flat))
        .withMessage(
            "Expected pixels of different values to take the data range from, found none in 1 images. Pass the data range.");
  }

  private static DataRange dataRange(String key) {
    return key.contains("dr_none") ? DataRange.ofEachBatch() : DataRange.clamping(0, 1);
  }

  private static ImageBatch preds(String key) {
    return images(key.substring(0, 3) + "preds" + key.substring(key.length() - 2));
  }

  private static ImageBatch target(String key) {
    return images(key.substring(0, 3) + "target" + key.substring(key.length() - 2));
  }

  private static ImageBatch images(String key) {
    long[] shape = GOLDEN.shape(key);
    return new ImageBatch(
        GOLDEN.floats(key), (int) shape[0], (int) shape[1], (int) shape[2], (int) shape[3]);
  }
}
