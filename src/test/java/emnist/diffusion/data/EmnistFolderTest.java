package emnist.diffusion.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import emnist.diffusion.IdxFiles;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EmnistFolderTest {

  private static final String TRAIN_IMAGES = "emnist-letters-train-images-idx3-ubyte";

  @TempDir Path temporary;
  private Path folder;

  @BeforeEach
  void statesItsCounts() throws IOException {
    folder = Files.createDirectory(temporary.resolve("data"));
    Fixtures.writeCard(folder, 30);
  }

  private EmnistDataset openTrain() throws IOException {
    return EmnistDataset.open(folder, EmnistSplit.LETTERS, true);
  }

  @Test
  void opensUnpackedFilesUpright() throws IOException {
    Fixtures.writeLetters(folder, 30, ".gz");
    EmnistDataset dataset = openTrain();
    assertThat(dataset.size()).isEqualTo(30);
    assertThat(dataset.height()).isEqualTo(3);
    assertThat(dataset.label(25)).isEqualTo(25);
    assertThat(dataset.classNames()).startsWith("A", "B").endsWith("Z");
    assertThat(dataset.source())
        .isEqualTo("a few letters, train, from %s", folder.resolve(TRAIN_IMAGES + ".gz"));
  }

  @Test
  void opensRawFiles() throws IOException {
    Fixtures.writeLetters(folder, 30, "");
    assertThat(openTrain().source()).endsWith(TRAIN_IMAGES);
  }

  @Test
  void opensTheSubfolderOfTheArchive() throws IOException {
    Fixtures.writeLetters(folder.resolve("gzip"), 30, ".gz");
    assertThat(openTrain().size()).isEqualTo(30);
  }

  @Test
  void opensTheArchiveItself() throws IOException {
    Path unpacked = temporary.resolve("unpacked");
    Fixtures.writeLetters(unpacked, 30, ".gz");
    Fixtures.zip(unpacked, folder.resolve("gzip.zip"));
    EmnistDataset dataset = openTrain();
    Fixtures.writeLetters(folder, 30, ".gz");
    assertThat(dataset.sha256()).isEqualTo(openTrain().sha256());
    assertThat(dataset.source())
        .isEqualTo(
            "a few letters, train, from %s!/gzip/%s.gz", folder.resolve("gzip.zip"), TRAIN_IMAGES);
  }

  @Test
  void namesClassesWithoutTheMappingFile() throws IOException {
    Fixtures.writeLetters(folder, 30, ".gz");
    Files.delete(folder.resolve("emnist-letters-mapping.txt"));
    assertThat(openTrain().classNames()).isEqualTo(EmnistSplit.LETTERS.mapping().names());
  }

  @Test
  void opensPlainMnistUprightWithItsOfficialCounts() throws IOException {
    Path mnist = Files.createDirectory(temporary.resolve("mnist"));
    writePlainTest(mnist, 10_000);
    EmnistDataset dataset = EmnistDataset.open(mnist, EmnistSplit.MNIST, false);
    assertThat(dataset.size()).isEqualTo(10_000);
    assertThat(dataset.height()).isEqualTo(2);
    assertThat(dataset.source()).startsWith("MNIST, test, from ");
  }

  private static void writePlainTest(Path mnist, int count) throws IOException {
    IdxFiles.writeImages(mnist.resolve("t10k-images-idx3-ubyte.gz"), Fixtures.images(count));
    IdxFiles.writeLabels(mnist.resolve("t10k-labels-idx1-ubyte.gz"), new byte[count]);
  }

  @Test
  void refusesCountsThatAreNotOfficial() throws IOException {
    Path mnist = Files.createDirectory(temporary.resolve("mnist"));
    writePlainTest(mnist, 9_999);
    assertThatThrownBy(() -> EmnistDataset.open(mnist, EmnistSplit.MNIST, false))
        .isInstanceOf(IOException.class)
        .hasMessage(
            "Expected 10000 images (the official count) in %s, found 9999. Fetch the file again, or load a part of EMNIST with EmnistDataset.fromIdx.",
            mnist.resolve("t10k-images-idx3-ubyte.gz"));
  }

  @Test
  void refusesCountsThatAreNotTheCards() throws IOException {
    Fixtures.writeLetters(folder, 29, ".gz");
    assertThatThrownBy(this::openTrain)
        .hasMessageStartingWith("Expected 30 images (as dataset.json says) in ");
  }

  @Test
  void refusesAMissingFolder() {
    assertThatThrownBy(() -> EmnistDataset.open(Path.of("no-such"), EmnistSplit.LETTERS, true))
        .isInstanceOf(FileNotFoundException.class)
        .hasMessage(
            "Expected the data in a folder no-such, found none. Name an existing folder or download EMNIST into it.");
  }

  @Test
  void refusesAFolderWithoutTheSplit() throws IOException {
    Fixtures.writeLetters(folder, 30, ".gz");
    assertThatThrownBy(() -> EmnistDataset.open(folder, EmnistSplit.DIGITS, true))
        .isInstanceOf(FileNotFoundException.class)
        .hasMessage(
            "Expected emnist-digits-train-images-idx3-ubyte(.gz) in %s, among the first 10000 files up to 4 folders below it or in an archive gzip.zip or emnist.zip there, found none that may be read. Name the folder of EMNIST's files or download EMNIST into it.",
            folder);
  }

  @Test
  void refusesImagesWithoutLabels() throws IOException {
    Fixtures.writeLetters(folder, 30, ".gz");
    Files.delete(folder.resolve("emnist-letters-train-labels-idx1-ubyte.gz"));
    assertThatThrownBy(this::openTrain)
        .isInstanceOf(FileNotFoundException.class)
        .hasMessage(
            "Expected emnist-letters-train-labels-idx1-ubyte(.gz) beside %s, found no such file. Fetch the file again.",
            folder.resolve(TRAIN_IMAGES + ".gz"));
  }

  @Test
  void refusesAMappingOfAnotherSplit() throws IOException {
    Fixtures.writeLetters(folder, 30, ".gz");
    Files.writeString(
        folder.resolve("emnist-letters-mapping.txt"), Fixtures.text(EmnistSplit.DIGITS.mapping()));
    assertThatThrownBy(this::openTrain).hasMessageStartingWith("Expected 26 classes in ");
  }

  @Test
  void refusesAnArchiveThatIsNone() throws IOException {
    Files.writeString(folder.resolve("gzip.zip"), "half a download");
    assertThatThrownBy(this::openTrain)
        .isInstanceOf(IOException.class)
        .hasMessage(
            "Expected a complete zip archive in %s, found something else. Download it again.",
            folder.resolve("gzip.zip"));
  }

  @Test
  void namesTheFileInsideTheArchiveThatIsDamaged() throws IOException {
    Path unpacked = temporary.resolve("unpacked");
    Fixtures.writeLetters(unpacked, 30, ".gz");
    Files.write(unpacked.resolve(TRAIN_IMAGES + ".gz"), new byte[100]);
    Fixtures.zip(unpacked, folder.resolve("gzip.zip"));
    assertThatThrownBy(this::openTrain)
        .hasMessageContaining("%s!/gzip/%s.gz", folder.resolve("gzip.zip"), TRAIN_IMAGES);
  }

  @Test
  void loadingChangesNothingInTheFolder() throws IOException {
    Path unpacked = temporary.resolve("unpacked");
    Fixtures.writeLetters(unpacked, 30, ".gz");
    Fixtures.zip(unpacked, folder.resolve("gzip.zip"));
    var before = Fixtures.contents(folder);
    openTrain();
    assertThat(Fixtures.contents(folder)).containsExactlyEntriesOf(before);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          letters                                            | an error at line 1 column 1
          []                                                 | an array instead of an object
          {"name": "a"}                                      | no value, or one of the wrong kind, for "trainCount"
          {"name": 1, "trainCount": 1, "testCount": 1}       | no value, or one of the wrong kind, for "name"
          {"name": "a", "trainCount": "1", "testCount": 1}   | no value, or one of the wrong kind, for "trainCount"
          {"name": "a", "trainCount": 0, "testCount": 1}     | 0 images
          {"name": "a", "trainCount": 1, "testCount": 1e10}  | no value, or one of the wrong kind, for "testCount"
          {"name": "a", "trainCount": 1, "testCount": 4294967297} | no value, or one of the wrong kind, for "testCount"
          {"name": "a", "name": "b"}                         | the name "name" twice
          """)
  void refusesACardThatIsNone(String card, String found) throws IOException {
    Fixtures.writeLetters(folder, 30, ".gz");
    Files.writeString(folder.resolve("dataset.json"), card);
    assertThatThrownBy(this::openTrain)
        .isInstanceOf(IOException.class)
        .hasMessage(
            "Expected a JSON object with name, trainCount and testCount in %s, found %s. Correct the file or remove it: without it the official counts must be met.",
            folder.resolve("dataset.json"), found);
  }

  @Test
  void refusesACardThatIsNoUtf8() throws IOException {
    Fixtures.writeLetters(folder, 30, ".gz");
    Files.write(folder.resolve("dataset.json"), new byte[] {'"', (byte) 0xfc, '"'});
    assertThatThrownBy(this::openTrain)
        .isInstanceOf(IOException.class)
        .hasMessageContaining(", found bytes that are not UTF-8. Correct the file");
  }

  @Test
  void namesTheFolderOfTheArchiveThatLacksLabels() throws IOException {
    Path unpacked = temporary.resolve("unpacked");
    Fixtures.writeLetters(unpacked, 30, ".gz");
    Files.delete(unpacked.resolve("emnist-letters-train-labels-idx1-ubyte.gz"));
    Fixtures.zip(unpacked, folder.resolve("gzip.zip"));
    assertThatThrownBy(this::openTrain)
        .isInstanceOf(FileNotFoundException.class)
        .hasMessage(
            "Expected emnist-letters-train-labels-idx1-ubyte(.gz) beside %s!/gzip/%s.gz, found no such file. Fetch the file again.",
            folder.resolve("gzip.zip"), TRAIN_IMAGES);
  }

  @Test
  void bothPartsAreTold() throws IOException {
    Fixtures.writeLetters(folder, 30, ".gz");
    EmnistDataset test = EmnistDataset.open(folder, EmnistSplit.LETTERS, false);
    assertThat(test.source()).contains("test");
    assertThat(IntStream.range(0, 30).map(test::label)).contains(0, 25);
  }
}
