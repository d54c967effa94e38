package emnist.diffusion.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class EmnistSplitTest {

  @ParameterizedTest
  @CsvSource({
    "BYCLASS, 697932, 116323, 62",
    "BYMERGE, 697932, 116323, 47",
    "BALANCED, 112800, 18800, 47",
    "LETTERS, 124800, 20800, 26",
    "DIGITS, 240000, 40000, 10",
    "MNIST, 60000, 10000, 10"
  })
  void knowsTheOfficialCounts(EmnistSplit split, int train, int test, int classes) {
    assertThat(split.count(true)).isEqualTo(train);
    assertThat(split.count(false)).isEqualTo(test);
    assertThat(split.classCount()).isEqualTo(classes);
  }

  @ParameterizedTest
  @EnumSource
  void isParsedFromItsOwnName(EmnistSplit split) {
    assertThat(EmnistSplit.parse(split.toString())).isSameAs(split);
    assertThat(EmnistSplit.parse(split.name())).isSameAs(split);
  }

  @Test
  void refusesAnUnknownName() {
    assertThatThrownBy(() -> EmnistSplit.parse("lettres"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "Expected one of the splits byclass, bymerge, balanced, letters, digits, mnist, found \"lettres\". Pass one of these names.");
  }

  @Test
  void namesItsFilesAsNistDoes() {
    assertThat(EmnistSplit.LETTERS.imagesFile(true))
        .isEqualTo("emnist-letters-train-images-idx3-ubyte");
    assertThat(EmnistFolder.labelsOf(EmnistSplit.BYCLASS.imagesFile(false)))
        .isEqualTo("emnist-byclass-test-labels-idx1-ubyte");
    assertThat(EmnistSplit.MNIST.mappingFile()).isEqualTo("emnist-mnist-mapping.txt");
  }
}
