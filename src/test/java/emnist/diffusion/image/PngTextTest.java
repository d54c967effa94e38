package emnist.diffusion.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.awt.image.BufferedImage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PngTextTest {

  @TempDir Path folder;

  @Test
  void readsWhatWasWritten() throws Exception {
    Map<String, String> text = Map.of("seed", "1", "title", "harf: ğ", "empty", "");
    Path file = folder.resolve("picture.png");
    PngWriter.write(file, new BufferedImage(2, 2, BufferedImage.TYPE_INT_RGB), text);

    assertThat(PngText.read(file)).isEqualTo(text);
  }

  @Test
  void aPlainPictureSaysNothing() throws Exception {
    Path file = folder.resolve("picture.png");
    PngWriter.write(file, new BufferedImage(2, 2, BufferedImage.TYPE_INT_RGB), Map.of());

    assertThat(PngText.read(file)).isEmpty();
  }

  @Test
  void refusesAMissingFile() {
    Path file = folder.resolve("none.png");

    assertThatIllegalArgumentException()
        .isThrownBy(() -> PngText.read(file))
        .withMessage("Expected a PNG file at %s, found none. Check the path.", file);
  }

  @Test
  void refusesAFileThatIsNoPng() throws Exception {
    Path file = Files.writeString(folder.resolve("text.png"), "not a picture");

    assertThatIllegalArgumentException()
        .isThrownBy(() -> PngText.read(file))
        .withMessage("Expected a PNG file, found another kind in %s. Check the path.", file);
  }
}
