package emnist.diffusion.torch;

import static org.assertj.core.api.Assertions.assertThatCode;

import org.junit.jupiter.api.Test;

class ConvolutionCheckTest {

  @Test
  void convolutionsAreRightWhereTheTestsRun() {
    assertThatCode(ConvolutionCheck::require).doesNotThrowAnyException();
  }
}
