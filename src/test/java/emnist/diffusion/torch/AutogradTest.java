package emnist.diffusion.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.jni.JniUtils;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AutogradTest {

  private final NDManager manager = NDManager.newBaseManager();
  private boolean modeBefore;

  @BeforeEach
  void rememberTheMode() {
    modeBefore = JniUtils.isGradMode();
  }

  @AfterEach
  void restoreTheMode() {
    JniUtils.setGradMode(modeBefore);
    manager.close();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void theThreadsModeIsRestored(boolean mode) {
    JniUtils.setGradMode(mode);

    assertThat(Autograd.noGrad(JniUtils::isGradMode)).isFalse();
    assertThat(JniUtils.isGradMode()).isEqualTo(mode);
    assertThat(Autograd.enableGrad(JniUtils::isGradMode)).isTrue();
    assertThat(JniUtils.isGradMode()).isEqualTo(mode);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void theThreadsModeIsRestoredAfterAnException(boolean mode) {
    JniUtils.setGradMode(mode);
    Supplier<Object> failing =
        () -> {
          throw new IllegalStateException("no");
        };

    assertThatThrownBy(() -> Autograd.noGrad(failing)).hasMessage("no");
    assertThat(JniUtils.isGradMode()).isEqualTo(mode);
    assertThatThrownBy(() -> Autograd.enableGrad(failing)).hasMessage("no");
    assertThat(JniUtils.isGradMode()).isEqualTo(mode);
  }

  @Test
  void modesNest() {
    boolean inside = Autograd.noGrad(() -> Autograd.enableGrad(JniUtils::isGradMode));

    assertThat(inside).isTrue();
  }

  @Test
  void anotherThreadHasAModeOfItsOwn() {
    boolean there =
        Autograd.noGrad(
            () ->
                CompletableFuture.supplyAsync(() -> Autograd.enableGrad(JniUtils::isGradMode))
                    .join());

    assertThat(there).isTrue();
  }

  @Test
  void recordsOnAnyThread() {
    NDArray x = leaf(3);

    NDArray square =
        CompletableFuture.supplyAsync(() -> Autograd.enableGrad(() -> x.mul(x))).join();

    assertThat(Gradients.of(square, List.of(x)).toList(manager).get(0).getFloat()).isEqualTo(6);
  }

  private NDArray leaf(float value) {
    NDArray leaf = manager.full(new Shape(), value);
    leaf.setRequiresGradient(true);
    return leaf;
  }
}
