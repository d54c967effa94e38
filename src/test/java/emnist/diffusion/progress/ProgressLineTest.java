package emnist.diffusion.progress;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ProgressLineTest {

  @Test
  void showsEpochAndLossOnTheStandardOutput() {
    assertThat(shown(0.1234))
        .contains("Learning")
        .contains("1/3250")
        .contains("epoch 2, loss 0.1234");
  }

  @Test
  void doesNotShowALossThatIsNotKnownYet() {
    assertThat(shown(Double.NaN)).contains("epoch 2").doesNotContain("loss").doesNotContain("NaN");
  }

  @Test
  void isNoWiderThanEightyColumns() {
    assertThat(shown(0.1234).split("[\\r\\n]"))
        .allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(80));
  }

  private static String shown(double loss) {
    PrintStream before = System.out;
    ByteArrayOutputStream shown = new ByteArrayOutputStream();
    System.setOut(new PrintStream(shown, true, StandardCharsets.UTF_8));
    try (ProgressLine progress = new ProgressLine("Learning", 3250, 0)) {
      progress.step(2, loss);
    } finally {
      System.setOut(before);
    }
    return shown.toString(StandardCharsets.UTF_8);
  }

  @Test
  void leavesAnInterruptPending() {
    ProgressLine progress = new ProgressLine("Learning", 1, 0);
    Thread.currentThread().interrupt();
    progress.close();

    assertThat(Thread.interrupted()).isTrue();
  }
}
