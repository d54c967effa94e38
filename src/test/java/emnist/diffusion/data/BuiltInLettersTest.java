package emnist.diffusion.data;

import static org.assertj.core.api.Assertions.assertThat;

import emnist.diffusion.ProjectJar;
import java.io.IOException;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BuiltInLettersTest {

  @Test
  void areSixtyTrainingAndTwentyTestImagesOfEachLetterInTurn() throws IOException {
    EmnistDataset train = BuiltInLetters.open(true);
    assertThat(train.size()).isEqualTo(60 * 26);
    assertThat(IntStream.range(0, 52).map(train::label))
        .containsExactlyElementsOf(IntStream.range(0, 52).map(i -> i % 26).boxed().toList());
    assertThat(train.source()).isEqualTo("built-in letters, train");
    assertThat(BuiltInLetters.open(false).size()).isEqualTo(20 * 26);
  }

  @Test
  void doNotChangeFromVersionToVersion() throws IOException {
    assertThat(
            Stream.of(BuiltInLetters.open(true), BuiltInLetters.open(false))
                .map(EmnistDataset::sha256))
        .containsExactly(
            "df3d788b1228c96758877392e0f0f382e502cb0fcd847869179b470412ae09c3",
            "6f0c964296408752a7a6372c86467a069949c9e8d15dff97089244cc209d8640");
  }

  @Test
  void openFromAJar(@TempDir Path folder) throws Exception {
    try (URLClassLoader loader = ProjectJar.in(folder, BuiltInLetters.class)) {
      Object dataset =
          loader
              .loadClass(BuiltInLetters.class.getName())
              .getMethod("open", boolean.class)
              .invoke(null, false);
      assertThat(dataset.getClass().getMethod("sha256").invoke(dataset))
          .isEqualTo(BuiltInLetters.open(false).sha256());
    }
  }
}
