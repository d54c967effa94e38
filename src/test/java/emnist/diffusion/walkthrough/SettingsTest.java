package emnist.diffusion.walkthrough;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import emnist.diffusion.JavaProcess;
import emnist.diffusion.checkpoint.Checkpoint;
import emnist.diffusion.data.EmnistSplit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SettingsTest {

  @Test
  void startsOverUnlessToldToResume() {
    assertThat(Settings.of(Map.of()).resume()).isFalse();
    assertThat(Settings.of(Map.of("RESUME_FROM_CHECKPOINT", " ")).resume()).isFalse();
    assertThat(Settings.of(Map.of("RESUME_FROM_CHECKPOINT", "latest")).resume()).isTrue();
  }

  @Test
  void refusesACheckpointByName() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Settings.of(Map.of("RESUME_FROM_CHECKPOINT", "epoch_3")))
        .withMessage(
            "Expected RESUME_FROM_CHECKPOINT to be latest, found \"epoch_3\". Change it or leave it out.");
  }

  @Test
  void refusesASplitOfTheBuiltInLetters() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Settings.of(Map.of("EMNIST_SPLIT", "digits")))
        .withMessage(
            "Expected EMNIST_DIR with EMNIST_SPLIT, found none. Set it to the folder of EMNIST's files, or leave EMNIST_SPLIT out for the built-in letters.");
  }

  @Test
  void theSplitOfRealDataIsLettersUnlessNamed() {
    assertThat(Settings.of(Map.of("EMNIST_DIR", "data")).data().split())
        .isEqualTo(EmnistSplit.LETTERS);
    assertThat(Settings.of(Map.of("EMNIST_DIR", "data", "EMNIST_SPLIT", "digits")).data().split())
        .isEqualTo(EmnistSplit.DIGITS);
  }

  @Test
  void anotherManagerFreesTheOneBefore() {
    Settings settings = Settings.of(Map.of("DEVICE", "cpu"));
    NDArray before = settings.newBaseManager().zeros(new Shape(2));
    NDManager manager = settings.newBaseManager();

    assertThat(before.isReleased()).isTrue();
    assertThat(manager.isOpen()).isTrue();
    manager.close();
  }

  /** Prints where the network is that {@code OUTPUT_DIR=arguments[0] EMNIST_SPLIT=...} opens. */
  static final class ModelPath {
    public static void main(String[] arguments) throws IOException {
      Settings settings =
          Settings.of(
              Map.of(
                  "DEVICE",
                  "cpu",
                  "OUTPUT_DIR",
                  arguments[0],
                  "EMNIST_DIR",
                  arguments[1].isEmpty() ? "" : "data",
                  "EMNIST_SPLIT",
                  arguments[1]));
      try {
        System.out.println(settings.modelPath(settings.outputDir(), settings.maxEpoch()));
      } catch (IllegalArgumentException e) {
        System.out.println(e.getMessage());
      }
    }
  }

  private static List<String> modelPath(Path folder, String outputDir, String split)
      throws IOException {
    Process process = JavaProcess.startIn(folder, ModelPath.class, outputDir, split);
    return process.inputReader().lines().toList();
  }

  @Test
  void beforeTheFirstTrainingTheNetworkIsTheOneInTheBox(@TempDir Path folder) throws IOException {
    assertThat(modelPath(folder, "", ""))
        .containsExactly(
            "There is no epoch in emnist_diffusion_model yet: these letters come from the network in the box, trained on NIST's handwritten capitals.",
            Path.of(".cache/pretrained").toString());
    assertThat(Checkpoint.existsIn(folder.resolve(".cache/pretrained"))).isTrue();
  }

  @Test
  void aMistypedFolderIsAnErrorAndSoAreEpochsOfDigits(@TempDir Path folder) throws IOException {
    assertThat(modelPath(folder, "emnist_diffusion_modell", ""))
        .containsExactly(
            "Expected epoch 50 in emnist_diffusion_modell, found no epochs. Train first: run egitim.ipynb.");
    assertThat(modelPath(folder, "", "digits"))
        .containsExactly(
            "Expected epoch 50 in emnist_diffusion_model, found no epochs. Train first: run egitim.ipynb.");
  }

  @Test
  void anyEpochCountsBeforeTheNetworkInTheBox(@TempDir Path folder) throws IOException {
    Path outputDir = folder.resolve("emnist_diffusion_model");
    Files.createDirectories(outputDir.resolve("epoch_7"));

    assertThat(modelPath(folder, "", ""))
        .containsExactly(
            "Expected epoch 50 in emnist_diffusion_model, found epochs [7]. Choose one of these, or train longer.");

    Files.createDirectories(outputDir.resolve("epoch_50"));
    assertThat(modelPath(folder, "", ""))
        .containsExactly(Path.of("emnist_diffusion_model/epoch_50").toString());
  }

  @Test
  void printsAsVariables() {
    assertThat(Settings.of(Map.of("DEVICE", "cpu", "RUNS", "2", "OUTPUT_DIR", "models")))
        .hasToString("PRESET=small MAX_EPOCH=50 OUTPUT_DIR=models RUNS=2 DEVICE=cpu");
  }
}
