package emnist.diffusion.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class AutocastTest {

  @Test
  void thePrecisionHoldsWithinTheComputation() {
    MixedPrecision inside = Autocast.in(MixedPrecision.BF16, Autocast::current);

    assertThat(inside).isEqualTo(MixedPrecision.BF16);
    assertThat(Autocast.current()).isEqualTo(MixedPrecision.NO);
  }

  @Test
  void thePrecisionIsRestoredAfterAFailure() {
    assertThatIOException()
        .isThrownBy(
            () ->
                Autocast.in(
                    MixedPrecision.BF16,
                    () -> {
                      throw new IOException("no");
                    }));
    assertThat(Autocast.current()).isEqualTo(MixedPrecision.NO);
  }

  @Test
  void otherThreadsKeepTheirs() {
    MixedPrecision there =
        Autocast.in(
            MixedPrecision.BF16, () -> CompletableFuture.supplyAsync(Autocast::current).join());

    assertThat(there).isEqualTo(MixedPrecision.NO);
  }
}
