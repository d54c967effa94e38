package emnist.diffusion.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import emnist.diffusion.letters.Handwriting;
import emnist.diffusion.random.CounterRandom;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Collections;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BuiltInLettersTest {

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
    BuiltInLetters.write(folder, 2, 1, 5);
    assertThat(Fixtures.contents(folder))
        .containsOnlyKeys(
            "dataset.json",
            "emnist-letters-mapping.txt",
            "emnist-letters-train-images-idx3-ubyte.gz",
            "emnist-letters-train-labels-idx1-ubyte.gz",
            "emnist-letters-test-images-idx3-ubyte.gz",
            "emnist-letters-test-labels-idx1-ubyte.gz");
    assertThat(temporary).isDirectoryNotContaining("glob:**.partial");
  }

  @Test
  void isLoadedLikeEmnist() throws IOException {
    BuiltInLetters.write(folder, 2, 1, 5);
    EmnistDataset train = open(true);
    assertThat(train.size()).isEqualTo(52);
    assertThat(IntStream.range(0, 52).map(train::label))
        .containsExactlyElementsOf(IntStream.range(0, 52).map(i -> i % 26).boxed().toList());
    assertThat(open(false).size()).isEqualTo(26);
    assertThat(train.source())
        .startsWith(
            "built-in letters 1 (seed 5, 2 training and 1 test images a letter), train, from ");
  }

  @Test
  void imagesComeBackUpright() throws IOException {
    BuiltInLetters.write(folder, 1, 1, 5);
    byte[] written = new Handwriting(new CounterRandom(5, 0, 11)).write(11);
    float[] loaded = open(true).images(11).pixels();
    for (int i = 0; i < written.length; i++) {
      assertThat(loaded[i]).isEqualTo((Byte.toUnsignedInt(written[i]) / 255f - 0.5f) / 0.5f);
    }
  }

  @Test
  void storesImagesTransposedAsEmnistDoes() throws IOException {
    BuiltInLetters.write(folder, 1, 1, 5);
    byte[] written = new Handwriting(new CounterRandom(5, 0, 0)).write(0);
    byte[] stored =
        Idx.readImages(folder.resolve("emnist-letters-train-images-idx3-ubyte.gz")).pixels();
    assertThat(stored[3 * 28 + 14]).isEqualTo(written[14 * 28 + 3]);
  }

  @Test
  void imagesDependOnSeedPartAndIndexAlone() throws IOException {
    BuiltInLetters.write(folder, 1, 1, 5);
    BuiltInLetters.write(temporary.resolve("larger"), 2, 1, 5);
    BuiltInLetters.write(temporary.resolve("other"), 1, 1, 6);
    EmnistDataset larger =
        EmnistDataset.open(temporary.resolve("larger"), EmnistSplit.LETTERS, true);
    EmnistDataset other = EmnistDataset.open(temporary.resolve("other"), EmnistSplit.LETTERS, true);
    assertThat(open(true).images(7).pixels())
        .isEqualTo(larger.images(7).pixels())
        .isNotEqualTo(other.images(7).pixels())
        .isNotEqualTo(open(false).images(7).pixels());
  }

  @Test
  void changesOnlyTogetherWithItsVersion() throws IOException {
    BuiltInLetters.write(folder, 20, 1, 5);
    assertThat(open(true).source()).startsWith("built-in letters 1 ");
    assertThat(open(true).sha256())
        .isEqualTo("06748f00a83fa2e5277039addfdf55ac7d1d9a09880b5d58b77f58cd08bfed50");
  }

  @Test
  void isWrittenOnce() throws IOException {
    BuiltInLetters.write(folder, 1, 1, 5);
    Path card = folder.resolve("dataset.json");
    Files.setLastModifiedTime(card, FileTime.fromMillis(0));
    BuiltInLetters.write(folder, 1, 1, 5);
    assertThat(Files.getLastModifiedTime(card).toMillis()).isZero();
  }

  @Test
  void isWrittenByManyAtOnce() throws Exception {
    ExecutorService writers = Executors.newFixedThreadPool(4);
    Callable<Void> writer =
        () -> {
          BuiltInLetters.write(folder, 1, 1, 5);
          return null;
        };
    for (Future<Void> written : writers.invokeAll(Collections.nCopies(4, writer))) {
      written.get();
    }
    writers.shutdown();
    assertThat(open(true).size()).isEqualTo(26);
    assertThat(temporary).isDirectoryNotContaining("glob:**.partial");
  }

  @Test
  void refusesAFolderWithAnotherSet() throws IOException {
    BuiltInLetters.write(folder, 1, 1, 5);
    var before = Fixtures.contents(folder);
    assertThatThrownBy(() -> BuiltInLetters.write(folder, 1, 1, 6))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "Expected built-in letters 1 (seed 6, 1 training and 1 test images a letter) or nothing in %s, found built-in letters 1 (seed 5, 1 training and 1 test images a letter). Name another folder or remove this one.",
            folder);
    assertThat(Fixtures.contents(folder)).containsExactlyEntriesOf(before);
  }

  @Test
  void refusesAFolderWithSomethingElse() throws IOException {
    Files.createDirectory(folder);
    assertThatThrownBy(() -> BuiltInLetters.write(folder, 1, 1, 6))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("found something else");
  }

  @Test
  void refusesToWriteNoImages() {
    assertThatThrownBy(() -> BuiltInLetters.write(folder, 0, 1, 5))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "Expected 1 to 100000 training images a letter, found 0. Pass a number in this range.");
    assertThat(folder).doesNotExist();
  }

  @Test
  void opensTheDefaultSetAndKeepsIt() throws IOException {
    EmnistDataset train = BuiltInLetters.openOrCreate(temporary.resolve("cache"), true);
    EmnistDataset test = BuiltInLetters.openOrCreate(temporary.resolve("cache"), false);
    assertThat(train.size()).isEqualTo(26 * BuiltInLetters.TRAIN_PER_LETTER);
    assertThat(test.size()).isEqualTo(26 * BuiltInLetters.TEST_PER_LETTER);
  }
}
