package emnist.diffusion.extras.quality;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDManager;
import emnist.diffusion.TinyModel;
import emnist.diffusion.TinyRun;
import emnist.diffusion.checkpoint.Checkpoint;
import emnist.diffusion.extras.command.Commands;
import emnist.diffusion.generation.DDPMPipeline;
import emnist.diffusion.model.UNet2DModel;
import emnist.diffusion.scheduler.DDPMSchedulerConfig;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class MeasureQualityTest {

  private static final String LETTERS = ", \"sample_size\": 28, \"num_class_embeds\": 27";

  @TempDir Path temp;

  @Test
  void refusesANumberOfImagesThatIsNotTheSameForEachClass() throws Exception {
    save(LETTERS);

    assertRefused(
        "Expected a multiple of the 26 classes and at least 260 as the number of images, found 1000. Change IMAGES.",
        "--images=1000");
  }

  @Test
  void refusesTooFewImagesForAStandardError() throws Exception {
    save(LETTERS);

    assertRefused(
        "Expected a multiple of the 26 classes and at least 260 as the number of images, found 26. Change IMAGES.",
        "--images=26");
  }

  @Test
  void refusesAMissingFolder() {
    assertRefused(
        "Expected the folder of a network at %s, found none. Name one in CHECKPOINT."
            .formatted(network()));
  }

  @Test
  void refusesANetworkWithoutClasses() throws Exception {
    save(", \"sample_size\": 28");

    assertRefused(
        "Expected a network with classes, found one without in %s. Choose one that can be asked for a letter."
            .formatted(network()));
  }

  @Test
  void refusesANetworkOfFewerClasses() throws Exception {
    save(", \"sample_size\": 28, \"num_class_embeds\": 10");

    assertRefused(
        "Expected a network with at least 26 classes for these images, found num_class_embeds = 10. Compare with images like those it was trained on.");
  }

  @Test
  void refusesANetworkOfOtherClasses() throws Exception {
    try (NDManager manager = NDManager.newBaseManager()) {
      UNet2DModel unet = TinyModel.create(manager, 0, LETTERS);
      Checkpoint.write(
          temp,
          "epoch_1",
          new Checkpoint.State(
              unet,
              unet,
              Map.of(),
              DDPMSchedulerConfig.fromJson("{}"),
              TinyRun.at(Instant.EPOCH, 1, 0, "{}")));
    }

    assertRefused(
        "Expected a network of the classes [A, B, C, D, E, F, G, H, I, J, K, L, M, N, O, P, Q, R, S, T, U, V, W, X, Y, Z], found one of [A < B] in %s. Name its data in EMNIST_DIR and EMNIST_SPLIT."
            .formatted(network()));
  }

  @Test
  void refusesANetworkForImagesOfAnotherSize() throws Exception {
    save(", \"num_class_embeds\": 27");

    assertRefused(
        "Expected a network for grey images of 28 x 28 pixels, found sample_size 8 and 1 channels in %s. Choose one trained on such images."
            .formatted(network()));
  }

  @Test
  void refusesMoreStepsThanTheNetworkWasTrainedWith() throws Exception {
    save(LETTERS);

    assertRefused(
        "Expected 1 to 1000 inference steps, found 2000. Use at most as many steps as in training.",
        "--steps=2000");
  }

  @Test
  void refusesAnOutputThatIsAFile() throws Exception {
    save(LETTERS);
    Path file = Files.createFile(temp.resolve("file"));

    assertRefused(
        "Expected a folder at %s, found something else. Move it away, or choose another place."
            .formatted(file),
        "--output=" + file);
  }

  private Path network() {
    return temp.resolve("epoch_1");
  }

  private void save(String options) throws Exception {
    try (NDManager manager = NDManager.newBaseManager()) {
      UNet2DModel unet = TinyModel.create(manager, 0, options);
      new DDPMPipeline(unet, DDPMSchedulerConfig.fromJson("{}").createScheduler())
          .savePretrained(network());
    }
  }

  /** The sentence is all that is printed, and nothing is written. */
  private void assertRefused(String sentence, String... options) {
    List<String> arguments = new ArrayList<>(List.of("--checkpoint=" + network()));
    arguments.add("--output=" + temp.resolve("quality"));
    List<String> last = List.of(options);
    arguments.removeIf(a -> last.stream().anyMatch(o -> o.startsWith(a.replaceAll("=.*", "="))));
    arguments.addAll(last);
    StringWriter err = new StringWriter();
    CommandLine command = Commands.of(new MeasureQuality()).setErr(new PrintWriter(err));

    assertThat(command.execute(arguments.toArray(String[]::new))).isEqualTo(1);

    assertThat(err.toString().strip()).isEqualTo(sentence);
    assertThat(temp.resolve("quality")).doesNotExist();
  }
}
