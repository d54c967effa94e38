package emnist.diffusion.walkthrough;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import emnist.diffusion.data.EmnistSplit;
import java.util.Map;
import org.junit.jupiter.api.Test;

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

  @Test
  void printsAsVariables() {
    assertThat(Settings.of(Map.of("DEVICE", "cpu", "RUNS", "2", "OUTPUT_DIR", "models")))
        .hasToString("PRESET=small MAX_EPOCH=50 OUTPUT_DIR=models RUNS=2 DEVICE=cpu");
  }
}
