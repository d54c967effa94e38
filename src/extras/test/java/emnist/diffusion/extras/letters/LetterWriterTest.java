package emnist.diffusion.extras.letters;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import emnist.diffusion.data.BuiltInLetters;
import emnist.diffusion.data.EmnistDataset;
import emnist.diffusion.data.EmnistSplit;
import emnist.diffusion.data.Idx;
import emnist.diffusion.random.CounterRandom;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LetterWriterTest {

  @TempDir Path temporary;
  private Path folder;

  @BeforeEach
  void place() {
    folder = temporary.resolve("letters");
  }

  private EmnistDataset open(boolean train) throws IOException {
    return EmnistDataset.open(folder, EmnistSplit.LETTERS, train);
  }

  @Test
  void writesEmnistsOwnFiles() throws IOException {
    LetterWriter.write(folder, 2, 1, 5);
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrder(
              "dataset.json",
              "emnist-letters-train-images-idx3-ubyte.gz",
              "emnist-letters-train-labels-idx1-ubyte.gz",
              "emnist-letters-test-images-idx3-ubyte.gz",
              "emnist-letters-test-labels-idx1-ubyte.gz");
    }
    assertThat(temporary).isDirectoryNotContaining("glob:**.partial");
  }

  @Test
  void isLoadedLikeEmnist() throws IOException {
    LetterWriter.write(folder, 2, 1, 5);
    EmnistDataset train = open(true);
    assertThat(train.size()).isEqualTo(52);
    assertThat(IntStream.range(0, 52).map(train::label))
        .containsExactlyElementsOf(IntStream.range(0, 52).map(i -> i % 26).boxed().toList());
    assertThat(open(false).size()).isEqualTo(26);
    assertThat(train.source())
        .startsWith(
            "letters of simulated hands (seed 5, 2 training and 1 test images a letter), train, from ");
  }

  @Test
  void imagesComeBackUpright() throws IOException {
    LetterWriter.write(folder, 1, 1, 5);
    byte[] written = new Handwriting(new CounterRandom(5, 0, 11)).write(11);
    float[] loaded = open(true).images(11).pixels();
    for (int i = 0; i < written.length; i++) {
      assertThat(loaded[i]).isEqualTo((Byte.toUnsignedInt(written[i]) / 255f - 0.5f) / 0.5f);
    }
  }

  @Test
  void storesImagesTransposedAsEmnistDoes() throws IOException {
    LetterWriter.write(folder, 1, 1, 5);
    byte[] written = new Handwriting(new CounterRandom(5, 0, 0)).write(0);
    byte[] stored =
        Idx.readImages(folder.resolve("emnist-letters-train-images-idx3-ubyte.gz")).pixels();
    assertThat(stored[3 * 28 + 14]).isEqualTo(written[14 * 28 + 3]);
  }

  @Test
  void imagesDependOnSeedPartAndIndexAlone() throws IOException {
    LetterWriter.write(folder, 1, 1, 5);
    LetterWriter.write(temporary.resolve("larger"), 2, 1, 5);
    LetterWriter.write(temporary.resolve("other"), 1, 1, 6);
    EmnistDataset larger =
        EmnistDataset.open(temporary.resolve("larger"), EmnistSplit.LETTERS, true);
    EmnistDataset other = EmnistDataset.open(temporary.resolve("other"), EmnistSplit.LETTERS, true);
    assertThat(open(true).images(7).pixels())
        .isEqualTo(larger.images(7).pixels())
        .isNotEqualTo(other.images(7).pixels())
        .isNotEqualTo(open(false).images(7).pixels());
  }

  @Test
  void imagesDoNotChangeFromVersionToVersion() throws IOException {
    LetterWriter.write(folder, 20, 1, 5);
    assertThat(open(true).sha256())
        .isEqualTo("06748f00a83fa2e5277039addfdf55ac7d1d9a09880b5d58b77f58cd08bfed50");
  }

  @Test
  void refusesToWriteNoImages() {
    assertThatThrownBy(() -> LetterWriter.write(folder, 0, 1, 5))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "Expected 1 to 100000 training images a letter, found 0. Pass a number in this range.");
    assertThat(folder).doesNotExist();
  }

  @Test
  void replacesASetOfLettersAndNothingElse() throws IOException {
    LetterWriter.write(folder, 1, 1, 5);
    LetterWriter.write(folder, 2, 1, 5);
    assertThat(open(true).size()).isEqualTo(52);

    Path file = Files.writeString(temporary.resolve("notes.txt"), "mine");
    for (Path other : List.of(file, temporary)) {
      assertThatThrownBy(() -> LetterWriter.write(other, 1, 1, 5))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "Expected no folder %s or one with a dataset.json, found something else. Choose another folder.",
              other);
    }
    assertThat(file).hasContent("mine");
  }

  @Test
  void theBuiltInLettersAreItsOwn() throws IOException {
    LetterWriter.write(folder, 60, 20, 1);
    assertThat(BuiltInLetters.open(true).sha256()).isEqualTo(open(true).sha256());
    assertThat(BuiltInLetters.open(false).sha256()).isEqualTo(open(false).sha256());
  }
}
