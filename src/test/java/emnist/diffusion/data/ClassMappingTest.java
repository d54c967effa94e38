package emnist.diffusion.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClassMappingTest {

  @TempDir Path folder;

  private Path file(String text) throws IOException {
    return Files.writeString(folder.resolve("mapping.txt"), text);
  }

  @Test
  void readsTheLowestLabelAndTheCapitals() throws IOException {
    assertThat(ClassMapping.read(file("1 65 97\r\n2 66 98\r\n")))
        .isEqualTo(new ClassMapping(1, List.of("A", "B")));
  }

  @Test
  void readsOneCodeALine() throws IOException {
    assertThat(ClassMapping.read(file("0 48\n1 49\n\n")))
        .isEqualTo(ClassMapping.ofCharacters(0, "01"));
  }

  @Test
  void readsWhatItWrites() throws IOException {
    for (EmnistSplit split : EmnistSplit.values()) {
      assertThat(ClassMapping.read(file(Fixtures.text(split.mapping()))))
          .isEqualTo(split.mapping());
    }
  }

  @Test
  void refusesALineThatIsNoMapping() throws IOException {
    Path file = file("1 65 97\nB\n");
    assertThatThrownBy(() -> ClassMapping.read(file))
        .isInstanceOf(IOException.class)
        .hasMessage(
            "Expected \"label code\" in %s, found \"B\". Restore the file or remove it: without it the split's own names are used.",
            file);
  }

  @Test
  void refusesALabelOutOfOrder() throws IOException {
    Path file = file("0 48\n2 50\n");
    assertThatThrownBy(() -> ClassMapping.read(file))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith("Expected label 1 in %s, found \"2 50\".", file);
  }

  @Test
  void refusesAnEmptyFile() throws IOException {
    Path file = file("");
    assertThatThrownBy(() -> ClassMapping.read(file))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("found 0 classes")
        .hasMessageContaining(file.toString());
  }

  @Test
  void refusesAFileLargerThanAnyMapping() throws IOException {
    Path file = file("\n".repeat(1 << 16) + "0 48\n");
    assertThatThrownBy(() -> ClassMapping.read(file))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith("Expected at most 65536 bytes in %s, found \"more\".", file);
  }

  @Test
  void refusesTheSameNameTwice() {
    assertThatThrownBy(() -> ClassMapping.ofCharacters(0, "ABA"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "Expected a different name for each class, found [A, B, A]. Name each class once.");
  }
}
