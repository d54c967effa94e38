package emnist.diffusion.extras.inception;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import emnist.diffusion.checkpoint.Safetensors;
import emnist.diffusion.image.ImageBatch;
import emnist.diffusion.metrics.ImageFeatures;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InceptionV3Test {

  @TempDir private static Path folder;
  private static NDManager manager;
  private static InceptionV3 network;

  @BeforeAll
  static void load() throws IOException {
    manager = NDManager.newBaseManager();
    Path file = folder.resolve("weights.safetensors");
    FormulaWeights.write(file);
    network = InceptionV3.load(manager, file, InceptionResize.ANTIALIAS);
    Files.delete(file);
  }

  @AfterAll
  static void freeArrays() {
    manager.close();
  }

  @Test
  void saysWhatItIs() {
    assertThat(network.name()).isEqualTo("inception-v3-fid-antialias");
    assertThat(network.dimension()).isEqualTo(2048);
    assertThat(network.classes()).isEqualTo(1008);
  }

  @Test
  void seesAGreyImageAsThreeEqualChannels() {
    ImageBatch grey = letters(1);
    float[] three = new float[3 * grey.pixels().length];
    for (int channel = 0; channel < 3; channel++) {
      System.arraycopy(grey.pixels(), 0, three, channel * 784, 784);
    }
    assertThat(network.extract(grey).features())
        .isDeepEqualTo(network.extract(new ImageBatch(three, 1, 3, 28, 28)).features());
  }

  @Test
  void seesWhatAPngWouldHold() {
    float[] pixels = {-1, -0.999f, 0.001f, 3};
    byte[] bytes = {0, 0, (byte) 128, (byte) 255};
    byte[] three = new byte[12];
    for (int channel = 0; channel < 3; channel++) {
      System.arraycopy(bytes, 0, three, channel * 4, 4);
    }
    Map<String, float[][]> features = network.features(three, 1, 2, 2);
    ImageFeatures seen = network.extract(new ImageBatch(pixels, 1, 1, 2, 2));
    assertThat(seen.features()).isDeepEqualTo(features.get("2048"));
    assertThat(seen.logits()).isDeepEqualTo(features.get("logits_unbiased"));
  }

  @Test
  void seesTheSameInBatchesOfAnySize() {
    ImageBatch images = letters(9);
    float[][] together = network.extract(images).features();
    for (int i : new int[] {0, 7, 8}) {
      float[] alone = network.extract(images.slice(i, i + 1)).features()[0];
      for (int feature = 0; feature < alone.length; feature++) {
        assertThat(together[i][feature]).isCloseTo(alone[feature], within(1e-4f));
      }
    }
  }

  @Test
  void saysOnceThatItWasMadeForOtherImages() throws IOException {
    Path file = folder.resolve("again.safetensors");
    FormulaWeights.write(file);
    PrintStream before = System.err;
    ByteArrayOutputStream log = new ByteArrayOutputStream();
    System.setErr(new PrintStream(log, true, StandardCharsets.UTF_8));
    try (InceptionV3 fresh = InceptionV3.load(manager, file, InceptionResize.TF1X)) {
      fresh.extract(letters(0));
      fresh.extract(letters(0));
    } finally {
      System.setErr(before);
    }
    assertThat(log.toString(StandardCharsets.UTF_8))
        .containsOnlyOnce("WARN")
        .contains(
            "inception-v3-fid-tf1x was trained on RGB photographs of 299 x 299 pixels;"
                + " these images have 1 channel(s) of 28 x 28 and are resized (tf1x).");
  }

  @Test
  void refusesImagesThatAreNeitherGreyNorRgb() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> network.extract(new ImageBatch(new float[8], 1, 2, 2, 2)))
        .withMessage(
            "Expected images of 1 (grey) or 3 (RGB) channels, found 2. Convert them first.");
  }

  @Test
  void refusesBytesThatAreNotThreePerPixel() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> network.features(new byte[4], 1, 2, 2))
        .withMessage("Expected 12 bytes for shape (1, 3, 2, 2), found 4. Pass one byte per pixel.");
  }

  @Test
  void refusesAFileOfAnotherNetwork() throws IOException {
    Path file = folder.resolve("other.safetensors");
    Safetensors.write(file, Map.of("conv_in.weight", manager.ones(new Shape(2))));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> InceptionV3.load(manager, file, InceptionResize.TF1X))
        .withMessage(
            "Expected a weight \"Conv2d_1a_3x3.conv.weight\" of shape (32, 3, 3, 3) in %s, found none. Convert the file as the documentation of InceptionV3 says."
                .formatted(file));
  }

  @Test
  void refusesAMissingFile() {
    Path file = folder.resolve("nowhere.safetensors");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> InceptionV3.load(manager, file, InceptionResize.TF1X))
        .withMessage(
            "Expected a safetensors file at %s, found none. Check the path.".formatted(file));
  }

  private static ImageBatch letters(int n) {
    Random random = new Random(1);
    float[] pixels = new float[n * 784];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = 2 * random.nextFloat() - 1;
    }
    return new ImageBatch(pixels, n, 1, 28, 28);
  }
}
