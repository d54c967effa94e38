package emnist.diffusion.walkthrough;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Map;
import org.junit.jupiter.api.Test;

class SettingsTest {

  @Test
  void beginsAnewUnlessToldToGoOn() {
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
}
