package emnist.diffusion.progress;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class ProgressLineTest {

  private static final long SOME_REDRAWS_NANOS = 2_000_000_000L;

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
    String shown = shown(9_000_000_000L, 8_000_000_000L, bar -> bar.step(999_999, 123_456.789));

    assertThat(shown.split("[\\r\\n]"))
        .allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(80));
  }

  @Test
  void isDrawnAgainWhileNoStepIsCounted() {
    String shown = shown(3250, 0, bar -> LockSupport.parkNanos(SOME_REDRAWS_NANOS));

    // The first is drawn at the start, the last at the end.
    assertThat(shown.split("\\r(?=Learning)")).hasSizeGreaterThan(2);
  }

  private static String shown(double loss) {
    return shown(3250, 0, bar -> bar.step(2, loss));
  }

  private static String shown(long steps, long done, Consumer<ProgressLine> work) {
    PrintStream before = System.out;
    ByteArrayOutputStream shown = new ByteArrayOutputStream();
    System.setOut(new PrintStream(shown, true, StandardCharsets.UTF_8));
    try (ProgressLine progress = new ProgressLine("Learning", steps, done)) {
      work.accept(progress);
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
