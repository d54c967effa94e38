package emnist.diffusion.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import emnist.diffusion.IdxFiles;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Data folders as Kaggle, torchvision, TensorFlow and people's own tools leave them. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class DataInTheWildTest {

  private static final String LETTERS = "emnist-letters-train-%s-ubyte";

  @TempDir Path folder;

  @BeforeEach
  void statesItsCounts() throws IOException {
    Fixtures.writeCard(folder, 30);
  }

  @ParameterizedTest
  @CsvSource({
    "train-images-idx3-ubyte, train-labels-idx1-ubyte",
    "train-images.idx3-ubyte, train-labels.idx1-ubyte",
    "train-images-idx3-ubyte/train-images-idx3-ubyte, train-labels-idx1-ubyte/train-labels-idx1-ubyte",
    "train-images-idx3-ubyte/train-images.idx3-ubyte, train-labels-idx1-ubyte.gz/train-labels.idx1-ubyte",
    "archive/train-images-idx3-ubyte/train-images-idx3-ubyte, archive/train-labels.idx1-ubyte",
    "MNIST/raw/train-images-idx3-ubyte.gz, MNIST/raw/train-labels-idx1-ubyte",
    "TRAIN-IMAGES-IDX3-UBYTE.GZ, Train-Labels-idx1-ubyte",
    "mnist.d/train-images.idx3-ubyte.gz, mnist.d/train-labels_idx1_ubyte.gz",
  })
  void mnistIsFound(String images, String labels) throws IOException {
    write(images, labels);
    assertThat(open().source()).isEqualTo("a few letters, train, from %s", folder.resolve(images));
  }

  private void write(String images, String labels) throws IOException {
    Path imagesFile = folder.resolve(images);
    Path labelsFile = folder.resolve(labels);
    Files.createDirectories(imagesFile.getParent());
    Files.createDirectories(labelsFile.getParent());
    IdxFiles.writeImages(imagesFile, Fixtures.images(30));
    IdxFiles.writeLabels(labelsFile, new byte[30]);
  }

  private EmnistDataset open() throws IOException {
    return EmnistDataset.open(folder, EmnistSplit.MNIST, true);
  }

  private EmnistDataset openLetters() throws IOException {
    return EmnistDataset.open(folder, EmnistSplit.LETTERS, true);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "EMNIST/raw",
        "EMNIST/raw/gzip",
        "emnist_source_files",
        "downloads/extracted/ZIP.biometrics.nist.gov_EMNIST_gzip/gzip"
      })
  void emnistIsFound(String place) throws IOException {
    Fixtures.writeLetters(folder.resolve(place), 30, ".gz");
    assertThat(openLetters().source())
        .endsWith(
            folder.resolve(place).resolve(LETTERS.formatted("images-idx3") + ".gz").toString());
  }

  @Test
  void theArchiveIsFoundWhereTorchvisionLeavesIt() throws IOException {
    Path raw = Files.createDirectories(folder.resolve("EMNIST/raw"));
    Path unpacked = folder.resolve("a/b/c/d/e");
    Fixtures.writeLetters(unpacked, 30, ".gz");
    Fixtures.zip(unpacked, raw.resolve("gzip.zip"));
    assertThat(openLetters().source()).contains(raw + "/gzip.zip!/gzip/");
  }

  @Test
  void aFileIsReadBeforeItsGzippedForm() throws IOException {
    Fixtures.writeLetters(folder, 30, ".gz");
    Fixtures.writeLetters(folder, 30, "");
    assertThat(openLetters().source()).endsWith("idx3-ubyte");
  }

  @Test
  void theNearestFolderIsRead() throws IOException {
    write("old/copy/train-images-idx3-ubyte", "old/copy/train-labels-idx1-ubyte");
    write("new/train-images-idx3-ubyte", "new/train-labels-idx1-ubyte");
    assertThat(open().source()).endsWith("new/train-images-idx3-ubyte");
  }

  @Test
  void labelsAreNotTakenFromAnotherFolder() throws IOException {
    write("one/train-images-idx3-ubyte", "two/train-labels-idx1-ubyte");
    assertThatThrownBy(this::open)
        .isInstanceOf(FileNotFoundException.class)
        .hasMessage(
            "Expected train-labels-idx1-ubyte(.gz) beside %s, found no such file. Fetch the file again.",
            folder.resolve("one/train-images-idx3-ubyte"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"FashionMNIST", "fashion-mnist", "KMNIST"})
  void filesOfMnistsNamesInFoldersOfOtherDataAreLeftAlone(String other) throws IOException {
    write(other + "/raw/train-images-idx3-ubyte", other + "/raw/train-labels-idx1-ubyte");
    assertThatThrownBy(this::open).isInstanceOf(FileNotFoundException.class);
    write("MNIST/raw/train-images-idx3-ubyte", "MNIST/raw/train-labels-idx1-ubyte");
    assertThat(open().source()).contains("MNIST/raw/");
  }

  @ParameterizedTest
  @CsvSource({
    "one/train-images-idx3-ubyte, two/train-images-idx3-ubyte.gz",
    "train-images-idx3-ubyte, train-images.idx3-ubyte",
    "TRAIN-images-idx3-ubyte.gz, train-images-idx3-ubyte",
  })
  void refusesTwoThatAreEquallyNearAndNamesBoth(String one, String two) throws IOException {
    write(one, "train-labels-idx1-ubyte");
    write(two, "train-labels-idx1-ubyte");
    assumeTrue(!Files.isSameFile(folder.resolve(one), folder.resolve(two)));
    assertThatThrownBy(this::open)
        .isInstanceOf(IOException.class)
        .hasMessage(
            "Expected one file train-images-idx3-ubyte, found %s and %s. Move one away, or name the folder of the other.",
            folder.resolve(one), folder.resolve(two));
  }

  @Test
  void namesAllThatWouldHaveBeenRead() {
    assertThatThrownBy(this::open)
        .isInstanceOf(FileNotFoundException.class)
        .hasMessage(
            "Expected emnist-mnist-train-images-idx3-ubyte(.gz) or train-images-idx3-ubyte(.gz) in %s, among the first 10000 files up to 4 folders below it or in an archive gzip.zip or emnist.zip there, found none that may be read. Name the folder of EMNIST's files or download EMNIST into it.",
            folder);
  }

  @Test
  void theCardBesideTheFilesSpeaksForThem() throws IOException {
    Files.delete(folder.resolve("dataset.json"));
    Fixtures.writeLetters(folder.resolve("mine"), 7, "");
    Fixtures.writeCard(folder.resolve("mine"), 7);
    assertThat(openLetters().size()).isEqualTo(7);
  }

  @Test
  void foldersOfTheFilesNamesHoldNothing() throws IOException {
    for (String name : List.of("train-images-idx3-ubyte", "gzip.zip", "dataset.json.d")) {
      Files.createDirectories(folder.resolve(name));
    }
    assertThatThrownBy(this::open).isInstanceOf(FileNotFoundException.class);
  }

  @Test
  void fifosAreLeftAlone() throws Exception {
    for (String name : List.of("train-images-idx3-ubyte", "gzip.zip", "train-labels-idx1-ubyte")) {
      Process mkfifo = new ProcessBuilder("mkfifo", folder.resolve(name).toString()).start();
      assumeTrue(mkfifo.waitFor() == 0);
    }
    assertThatThrownBy(this::open).isInstanceOf(FileNotFoundException.class);
    Path fifo = folder.resolve("gzip.zip");
    assertThatThrownBy(() -> Idx.readImages(fifo))
        .hasMessageStartingWith("Expected a file %s that may be read, found none. ", fifo);
  }

  @Test
  void linksToFilesAndFoldersAreReadAndLoopsEnd() throws IOException {
    write("elsewhere/x/y/z/i/images", "elsewhere/x/y/z/i/labels");
    link("raw/train-images-idx3-ubyte", "elsewhere/x/y/z/i/images");
    link("raw/train-labels-idx1-ubyte", "elsewhere/x/y/z/i/labels");
    link("again", "elsewhere/x/y/z/i");
    link("raw/loop", "raw");
    link("raw/up", ".");
    link("raw/nowhere", "no-such");
    link("train-images-idx3-ubyte", "no-such");
    link("gzip.zip", "gzip.zip");
    assertThat(open().source()).endsWith("raw/train-images-idx3-ubyte");
  }

  private void link(String from, String to) throws IOException {
    Files.createDirectories(folder.resolve(from).getParent());
    try {
      Files.createSymbolicLink(folder.resolve(from), folder.resolve(to));
    } catch (UnsupportedOperationException | IOException e) {
      assumeTrue(false, "no links here");
    }
  }

  @Test
  void aFileThatMayNotBeReadIsNotFound() throws IOException {
    write("train-images-idx3-ubyte", "train-labels-idx1-ubyte");
    Path images = folder.resolve("train-images-idx3-ubyte");
    assumeTrue(images.toFile().setReadable(false) && !Files.isReadable(images)); // root reads all
    assertThatThrownBy(this::open).hasMessageContaining(", found none that may be read. ");
    assertThatThrownBy(() -> Idx.readImages(images)).hasMessageContaining("permissions");
  }

  @Test
  void aFolderThatMayNotBeReadHidesNothingElse() throws IOException {
    write("data/train-images-idx3-ubyte", "data/train-labels-idx1-ubyte");
    Path lost = Files.createDirectory(folder.resolve("lost+found"));
    assumeTrue(lost.toFile().setReadable(false) && !Files.isReadable(lost)); // root reads all
    assertThat(open().size()).isEqualTo(30);
    assertThat(lost.toFile().setReadable(true)).isTrue();
  }

  @Test
  void aHugeTreeIsNotSearchedToItsEnd() throws IOException {
    Path many = Files.createDirectories(folder.resolve("a/pictures"));
    for (int i = 0; i < 10_000; i++) {
      Files.createFile(many.resolve(i + ".png"));
    }
    write("b/c/d/train-images-idx3-ubyte", "b/c/d/train-labels-idx1-ubyte");
    assertThatThrownBy(this::open).isInstanceOf(FileNotFoundException.class);
    write("b/train-images-idx3-ubyte", "b/train-labels-idx1-ubyte");
    assertThat(open().size()).isEqualTo(30);
  }
}
