package emnist.diffusion.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDManager;
import emnist.diffusion.TinyModel;
import emnist.diffusion.generation.DDPMPipeline;
import emnist.diffusion.generation.GenerationRequest;
import emnist.diffusion.image.ImageBatch;
import emnist.diffusion.image.LetterStrip;
import emnist.diffusion.metrics.FeatureExtractor;
import emnist.diffusion.metrics.ImageFeatures;
import emnist.diffusion.scheduler.DDPMScheduler;
import emnist.diffusion.scheduler.DDPMSchedulerConfig;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LabelAlignedSamplesTest {

  private static final List<String> NAMES = List.of("dark", "bright");

  @TempDir Path folder;

  private final NDManager manager = NDManager.newBaseManager();
  private final Brightness classifier = new Brightness();

  @AfterEach
  void freeArrays() {
    manager.close();
  }

  @Test
  void asksANetworkWithClassesForEachClass() throws Exception {
    DDPMPipeline pipeline = pipeline(", \"num_class_embeds\": 2");

    BufferedImage strip = show(pipeline);

    String caption = "DDPMScheduler, 3 steps, seed 5, guidance 1.0, each generated for its class";
    BufferedImage expected =
        LetterStrip.draw(pipeline.generate(new int[] {0, 1}, 5, 3), NAMES, caption);
    assertThat(pixels(strip)).containsExactly(pixels(expected));
  }

  @ParameterizedTest
  @ValueSource(strings = {"file/strip.png", "file/a/b/strip.png", "strip.jpg", "folder.png"})
  void refusesAPlaceForNoPictureBeforeAnythingIsGenerated(String name) throws IOException {
    Files.createFile(folder.resolve("file"));
    Files.createDirectory(folder.resolve("folder.png"));
    Path png = folder.resolve(name);
    DDPMPipeline pipeline =
        pipeline("")
            .withCallbackOnStepEnd((timestep, output) -> Assertions.fail("It has generated."));

    assertThatThrownBy(
            () ->
                LabelAlignedSamples.showLabelAlignedImages(
                    pipeline, classifier, NAMES, 5, 3, 1, png))
        .hasMessageMatching("Expected a (folder at|file name ending in .png, found) .*");
  }

  @Test
  void doesNotShowTheNullClass() throws Exception {
    DDPMPipeline pipeline = pipeline(", \"num_class_embeds\": 3").withNullClass(1);

    BufferedImage strip = show(pipeline);

    String caption = "DDPMScheduler, 3 steps, seed 5, guidance 1.0, each generated for its class";
    BufferedImage expected =
        LetterStrip.draw(pipeline.generate(new int[] {0, 2}, 5, 3), NAMES, caption);
    assertThat(pixels(strip)).containsExactly(pixels(expected));
  }

  @Test
  void letsTheClassifierChooseFromAPoolOfANetworkWithoutClasses() throws Exception {
    DDPMPipeline pipeline = pipeline("");

    BufferedImage strip = show(pipeline);

    ImageBatch pool = pipeline.generate(new int[20], 5, 3);
    Comparator<Integer> byBrightness = Comparator.comparingDouble(i -> brightness(pool, i));
    int darkest = IntStream.range(0, 20).boxed().min(byBrightness).orElseThrow();
    int brightest = IntStream.range(0, 20).boxed().max(byBrightness).orElseThrow();
    ImageBatch chosen =
        ImageBatch.concat(
            List.of(pool.slice(darkest, darkest + 1), pool.slice(brightest, brightest + 1)));
    String caption =
        "DDPMScheduler, 3 steps, seed 5, guidance 1.0, chosen by the classifier from 20 images";
    assertThat(pixels(strip)).containsExactly(pixels(LetterStrip.draw(chosen, NAMES, caption)));
  }

  @Test
  void writesTheStripAsAPng() throws Exception {
    BufferedImage strip = show(pipeline(""));

    BufferedImage written = ImageIO.read(folder.resolve("strip.png").toFile());
    assertThat(written.getWidth()).isEqualTo(400);
    assertThat(written.getHeight()).isEqualTo(200);
    assertThat(pixels(written)).containsExactly(pixels(strip));
  }

  @Test
  void theStripSaysWhatItWasGeneratedFrom() throws Exception {
    DDPMPipeline pipeline = pipeline("");
    BufferedImage strip = show(pipeline);

    GenerationRequest generation = GenerationRequest.fromPng(folder.resolve("strip.png"));

    String caption =
        "DDPMScheduler, 3 steps, seed 5, guidance 1.0, chosen by the classifier from 20 images";
    BufferedImage again = LetterStrip.draw(pipeline.generate(generation), NAMES, caption);
    assertThat(pixels(again)).containsExactly(pixels(strip));
  }

  @Test
  void refusesAnotherNumberOfNamesThanClasses() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                LabelAlignedSamples.showLabelAlignedImages(
                    pipeline(""), classifier, List.of("one"), 5, 3, 1, folder.resolve("strip.png")))
        .withMessage(
            "Expected a name for each of the classifier's 2 classes, found 1. Pass those of its training data.");
    assertThat(folder).isEmptyDirectory();
  }

  private BufferedImage show(DDPMPipeline pipeline) throws Exception {
    return LabelAlignedSamples.showLabelAlignedImages(
        pipeline, classifier, NAMES, 5, 3, 1, folder.resolve("strip.png"));
  }

  private DDPMPipeline pipeline(String moreOptions) {
    return new DDPMPipeline(
        TinyModel.create(manager, 3, moreOptions),
        new DDPMScheduler(DDPMSchedulerConfig.defaults()));
  }

  private static int[] pixels(BufferedImage picture) {
    return picture.getRGB(
        0, 0, picture.getWidth(), picture.getHeight(), null, 0, picture.getWidth());
  }

  private static double brightness(ImageBatch images, int i) {
    float[] pixels = images.slice(i, i + 1).pixels();
    return IntStream.range(0, pixels.length).mapToDouble(p -> pixels[p]).sum();
  }

  /** Calls an image dark or bright by the sum of its pixels. */
  private static final class Brightness implements FeatureExtractor {

    @Override
    public String name() {
      return "brightness";
    }

    @Override
    public int dimension() {
      return 1;
    }

    @Override
    public int classes() {
      return 2;
    }

    @Override
    public ImageFeatures extract(ImageBatch images) {
      float[][] features = new float[images.n()][];
      float[][] logits = new float[images.n()][];
      for (int i = 0; i < images.n(); i++) {
        float bright = (float) brightness(images, i);
        features[i] = new float[] {bright};
        // Small, or the softmax of all bright images would round to 1.
        logits[i] = new float[] {-bright / 100, bright / 100};
      }
      return new ImageFeatures(features, logits);
    }
  }
}
