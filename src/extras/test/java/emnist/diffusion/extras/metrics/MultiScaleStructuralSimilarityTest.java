package emnist.diffusion.extras.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import emnist.diffusion.Golden;
import emnist.diffusion.extras.metrics.MultiScaleStructuralSimilarity.Normalization;
import emnist.diffusion.image.ImageBatch;
import emnist.diffusion.metrics.StructuralSimilarity;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class MultiScaleStructuralSimilarityTest {

  private static final double TOLERANCE = 1e-5;
  private static final Golden GOLDEN = Golden.open("metrics_ssim");

  static Stream<String> cases() {
    return GOLDEN.names().stream().filter(key -> key.contains(".msssim."));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void agreesWithTorchmetrics(String key) {
    String size = key.substring(0, 3);
    ImageBatch images = images(size + "preds01");
    ImageBatch references = images(size + "target01");
    GOLDEN.assertClose(key, metric(key).perImage(images, references), TOLERANCE);
  }

  @Test
  void averagesOverImagesAndNotOverBatches() {
    ImageBatch images = images("32.preds01");
    ImageBatch references = images("32.target01");
    MultiScaleStructuralSimilarity metric = metric("betas2");
    double[] atOnce = metric.perImage(images, references);
    metric.update(images.slice(0, 3), references.slice(0, 3));
    metric.update(images.slice(3, 4), references.slice(3, 4));
    assertThat(metric.compute())
        .isEqualTo(Arrays.stream(atOnce).average().orElseThrow(), within(1e-12));
  }

  @Test
  void isOneForEqualImagesOfTheSmallestSize() {
    ImageBatch noise = noise(176);
    assertThat(new MultiScaleStructuralSimilarity(2).perImage(noise, noise))
        .containsExactly(new double[] {1}, within(1e-12));
  }

  @Test
  void oneScaleIsPlainSsim() {
    ImageBatch images = images("28.preds11");
    ImageBatch references = images("28.target11");
    StructuralSimilarity ssim = new StructuralSimilarity(2);
    assertThat(
            new MultiScaleStructuralSimilarity(ssim, List.of(1.0), Normalization.NONE, 11)
                .perImage(images, references))
        .isEqualTo(ssim.perImage(images, references));
  }

  @Test
  void countsSimilaritiesBelowZeroAsTheNormalizationSays() {
    ImageBatch images = noise(32);
    float[] pixels = images.pixels().clone();
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = -pixels[i];
    }
    ImageBatch opposite = new ImageBatch(pixels, 1, 1, 32, 32);
    assertThat(normalized(Normalization.NONE).perImage(images, opposite)).containsOnly(Double.NaN);
    assertThat(normalized(Normalization.RELU).perImage(images, opposite)).containsOnly(0);
    assertThat(normalized(Normalization.SIMPLE).perImage(images, opposite)[0]).isBetween(0.0, 0.5);
  }

  @Test
  void refusesImagesTooSmallForItsScales() {
    ImageBatch letters = images("28.preds11");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new MultiScaleStructuralSimilarity(2).perImage(letters, letters))
        .withMessage(
            "Expected images of at least 176 x 176 pixels for 5 scales, found 28 x 28. Use fewer scales, or plain SSIM.");
  }

  @Test
  void refusesImagesThatAWideWindowDoesNotFit() {
    ImageBatch letters = images("28.preds11");
    MultiScaleStructuralSimilarity metric =
        new MultiScaleStructuralSimilarity(
            new StructuralSimilarity(2), List.of(0.2, 0.2, 0.3, 0.3), Normalization.RELU, 1);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> metric.perImage(letters, letters))
        .withMessage(
            "Expected images of at least 48 x 48 pixels for 4 scales, found 28 x 28. Use fewer scales, or plain SSIM.");
  }

  @Test
  void refusesNoScale() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                new MultiScaleStructuralSimilarity(
                    new StructuralSimilarity(2), List.of(), Normalization.RELU, 11))
        .withMessage(
            "Expected a weight for at least one scale, found none. Use [0.0448, 0.2856, 0.3001, 0.2363, 0.1333], as the paper does.");
  }

  @Test
  void refusesAMeanOfNothing() {
    assertThatIllegalStateException()
        .isThrownBy(() -> new MultiScaleStructuralSimilarity(2).compute())
        .withMessage("Expected at least one image, found none. Call update before compute.");
  }

  /** The settings that a key of the reference file names; the weights are not stored there. */
  private static MultiScaleStructuralSimilarity metric(String key) {
    return new MultiScaleStructuralSimilarity(
        new StructuralSimilarity(1),
        key.contains("betas3") ? List.of(0.3, 0.3, 0.4) : List.of(0.4, 0.6),
        key.contains("simple") ? Normalization.SIMPLE : Normalization.RELU,
        key.contains("ks7") ? 7 : 11);
  }

  private static MultiScaleStructuralSimilarity normalized(Normalization normalization) {
    return new MultiScaleStructuralSimilarity(
        new StructuralSimilarity(2), List.of(0.5, 0.5), normalization, 11);
  }

  private static ImageBatch noise(int side) {
    Random random = new Random(1);
    float[] pixels = new float[side * side];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = 2 * random.nextFloat() - 1;
    }
    return new ImageBatch(pixels, 1, 1, side, side);
  }

  private static ImageBatch images(String key) {
    long[] shape = GOLDEN.shape(key);
    return new ImageBatch(
        GOLDEN.floats(key), (int) shape[0], (int) shape[1], (int) shape[2], (int) shape[3]);
  }
}
