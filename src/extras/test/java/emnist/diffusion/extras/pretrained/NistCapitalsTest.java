package emnist.diffusion.extras.pretrained;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import emnist.diffusion.data.Idx;
import emnist.diffusion.extras.data.IdxWriter;
import emnist.diffusion.extras.data.LettersFolder.Letter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NistCapitalsTest {

  private static final int LETTERS = 26;
  private static final int PIXELS = 28 * 28;

  @TempDir private Path folder;

  /** 22 images of each letter, and 2 more in the other file, of which one is there already. */
  @BeforeEach
  void writeFiles() throws IOException {
    write("az-uniform", 0, 22, 28);
    write("az-original", 21, 23, 28);
  }

  private void write(String name, int from, int to, int side) throws IOException {
    int count = (to - from) * LETTERS;
    byte[] pixels = new byte[count * side * side];
    byte[] labels = new byte[count];
    for (int i = 0; i < count; i++) {
      labels[i] = (byte) (i % LETTERS);
      Arrays.fill(pixels, i * side * side, i * side * side + 100, (byte) (from + i / LETTERS));
      pixels[i * side * side] = labels[i];
    }
    IdxWriter.writeImages(
        folder.resolve(name + "-images-idx3-ubyte.gz"), new Idx.Images(count, side, side, pixels));
    IdxWriter.writeLabels(folder.resolve(name + "-labels-idx1-ubyte.gz"), labels);
  }

  @Test
  void holdsOutTwentyOfEachLetterAndKeepsEqualImagesOnce() throws IOException {
    NistCapitals capitals = NistCapitals.read(folder, 0);
    assertThat(count(capitals.test())).containsOnly(20);
    assertThat(count(capitals.train())).containsOnly(3);
    List<String> all =
        Stream.concat(capitals.train().stream(), capitals.test().stream())
            .map(letter -> Arrays.toString(letter.pixels()))
            .toList();
    assertThat(all).hasSize(23 * LETTERS).doesNotHaveDuplicates();
    assertThat(capitals.train())
        .allSatisfy(letter -> assertThat(letter.pixels()[0]).isEqualTo((byte) letter.letter()));
  }

  @Test
  void theSeedDecidesWhatIsHeldOut() throws IOException {
    assertThat(pixels(NistCapitals.read(folder, 0).test()))
        .isEqualTo(pixels(NistCapitals.read(folder, 0).test()))
        .isNotEqualTo(pixels(NistCapitals.read(folder, 1).test()));
  }

  @Test
  void givesEqualNumbersOfLettersFirstAsTheyAreThenDistorted() throws IOException {
    NistCapitals capitals = NistCapitals.read(folder, 0);
    List<Letter> distorted = capitals.distorted(7, 0);
    assertThat(count(distorted)).containsOnly(7);
    List<Letter> originals = capitals.train().stream().filter(l -> l.letter() == 4).toList();
    List<Letter> own = distorted.stream().filter(l -> l.letter() == 4).toList();
    assertThat(own.subList(0, 3)).isEqualTo(originals);
    assertThat(pixels(own)).doesNotHaveDuplicates();
    assertThat(pixels(capitals.distorted(7, 0))).isEqualTo(pixels(distorted));
  }

  @Test
  void namesTheFileThatIsMissing() throws IOException {
    Files.delete(folder.resolve("az-original-labels-idx1-ubyte.gz"));
    assertThatThrownBy(() -> NistCapitals.read(folder, 0))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("az-original-labels-idx1-ubyte.gz");
  }

  @Test
  void refusesImagesOfAnotherSize() throws IOException {
    write("az-original", 0, 2, 20);
    assertThatThrownBy(() -> NistCapitals.read(folder, 0))
        .hasMessage(
            "Expected images of 28 x 28 pixels in %s, found 20 x 20. Use the files of the collection.",
            folder);
  }

  @Test
  void refusesALetterWithTooFewImages() throws IOException {
    write("az-uniform", 0, 20, 28);
    write("az-original", 0, 20, 28);
    assertThatThrownBy(() -> NistCapitals.read(folder, 0))
        .hasMessage(
            "Expected more than 20 different images of each letter in %s, found 20 of A. Use the files of the collection.",
            folder);
  }

  private static int[] count(List<Letter> letters) {
    return IntStream.range(0, LETTERS)
        .map(i -> (int) letters.stream().filter(letter -> letter.letter() == i).count())
        .toArray();
  }

  private static List<String> pixels(List<Letter> letters) {
    assertThat(letters).allSatisfy(letter -> assertThat(letter.pixels()).hasSize(PIXELS));
    return letters.stream().map(letter -> Arrays.toString(letter.pixels())).toList();
  }
}
