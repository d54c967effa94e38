package emnist.diffusion.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.LinkedHashMap;
import java.util.Map;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

class PngWriterTest {

  private final BufferedImage picture = new BufferedImage(3, 2, BufferedImage.TYPE_INT_RGB);

  @TempDir Path folder;

  @Test
  void keepsEveryPixel() throws IOException {
    picture.setRGB(2, 1, 0xFF123456);
    Path file = folder.resolve("picture.png");
    PngWriter.write(file, picture, Map.of());
    BufferedImage read = ImageIO.read(file.toFile());
    assertThat(read.getWidth()).isEqualTo(3);
    assertThat(read.getHeight()).isEqualTo(2);
    assertThat(read.getRGB(2, 1)).isEqualTo(0xFF123456);
    assertThat(read.getRGB(0, 0)).isEqualTo(0xFF000000);
  }

  @Test
  void keepsParametersInPlainText() throws IOException {
    Path file = folder.resolve("picture.png");
    PngWriter.write(file, picture, Map.of("seed", "42", "model", "emnist <epoch_50>"));
    assertThat(text(file, "tEXtEntry", "value"))
        .containsOnly(Map.entry("seed", "42"), Map.entry("model", "emnist <epoch_50>"));
  }

  @Test
  void keepsParametersInAnyLanguage() throws IOException {
    Path file = folder.resolve("picture.png");
    PngWriter.write(file, picture, Map.of("title", "eğitim ve üretim", "seed", "42"));
    assertThat(text(file, "iTXtEntry", "text"))
        .containsOnly(Map.entry("title", "eğitim ve üretim"));
    assertThat(text(file, "tEXtEntry", "value")).containsOnly(Map.entry("seed", "42"));
  }

  @Test
  void replacesAFileAndLeavesNothingElse() throws IOException {
    Path file = folder.resolve("picture.png");
    Files.writeString(file, "a much longer text than any small picture".repeat(100));
    Path left =
        Files.writeString(
            folder.resolve(".picture.png-0123456789abcdef0123456789abcdef.partial"),
            "left by a crash");
    Files.setLastModifiedTime(left, FileTime.fromMillis(0));
    PngWriter.write(file, picture, Map.of());
    assertThat(ImageIO.read(file.toFile())).isNotNull();
    assertThat(Files.size(file)).isLessThan(1000);
    assertThat(folder).isDirectoryNotContaining(path -> !path.equals(file));
  }

  @Test
  void makesMissingFolders() throws IOException {
    Path file = folder.resolve("samples/run_1/picture.png");
    PngWriter.write(file, picture, Map.of());
    assertThat(file).exists();
  }

  @Test
  void refusesAnotherEnding() {
    Path file = folder.resolve("picture.jpg");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PngWriter.write(file, picture, Map.of()))
        .withMessage(
            "Expected a file name ending in .png, found %s. Name another file.".formatted(file));
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void refusesAKeywordThatPngCannotHoldAndWritesNothing() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> PngWriter.write(folder.resolve("p.png"), picture, Map.of("eğitim", "evet")))
        .withMessage(
            "Expected a keyword of 1 to 79 Latin-1 characters, found \"eğitim\". Choose a plain name.");
    assertThat(folder).isEmptyDirectory();
  }

  private static Map<String, String> text(Path file, String entry, String valueAttribute)
      throws IOException {
    ImageReader reader = ImageIO.getImageReadersByFormatName("png").next();
    try (ImageInputStream in = ImageIO.createImageInputStream(file.toFile())) {
      reader.setInput(in);
      Element root = (Element) reader.getImageMetadata(0).getAsTree("javax_imageio_png_1.0");
      NodeList entries = root.getElementsByTagName(entry);
      Map<String, String> text = new LinkedHashMap<>();
      for (int i = 0; i < entries.getLength(); i++) {
        Element element = (Element) entries.item(i);
        text.put(element.getAttribute("keyword"), element.getAttribute(valueAttribute));
      }
      return text;
    } finally {
      reader.dispose();
    }
  }
}
