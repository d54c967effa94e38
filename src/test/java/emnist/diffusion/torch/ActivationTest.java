package emnist.diffusion.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ActivationTest {

  @ParameterizedTest
  @CsvSource({"silu, SILU", "swish, SWISH", "mish, MISH", "gelu, GELU", "relu, RELU"})
  void knowsTheNamesOfDiffusers(String name, Activation activation) {
    assertThat(Activation.of(name)).isEqualTo(activation);
  }

  @ParameterizedTest
  @ValueSource(strings = {"none", "SILU", "", "tanh"})
  void refusesOtherNames(String name) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Activation.of(name))
        .withMessage(
            "Expected act_fn to be one of silu, swish, mish, gelu, relu, found \"%s\". Choose one of these.",
            name);
  }

  @Test
  void noneIsTheIdentity() {
    assertThat(Activation.NONE.applyTo("h")).isEqualTo("h");
  }
}
