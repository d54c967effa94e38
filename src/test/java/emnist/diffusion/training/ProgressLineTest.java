package emnist.diffusion.training;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ProgressLineTest {

  @Test
  void showsEpochLossAndSpeedOnTheStandardOutput() {
    PrintStream before = System.out;
    ByteArrayOutputStream shown = new ByteArrayOutputStream();
    System.setOut(new PrintStream(shown, true, StandardCharsets.UTF_8));
    try (ProgressLine progress = new ProgressLine("Learning", 3, 10, 0)) {
      progress.step(2, 64, 0.1234);
    } finally {
      System.setOut(before);
    }
    assertThat(shown.toString(StandardCharsets.UTF_8))
        .contains("Learning")
        .contains("1/30")
        .contains("epoch 2/3, loss 0.1234");
  }

  @Test
  void leavesAnInterruptPending() {
    ProgressLine progress = new ProgressLine("Learning", 1, 1, 0);
    Thread.currentThread().interrupt();
    progress.close();

    assertThat(Thread.interrupted()).isTrue();
  }
}
