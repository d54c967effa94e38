package emnist.diffusion.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.awt.Color;
import java.awt.Graphics;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AnimatedGifTest {

  @TempDir private Path folder;

  @Test
  void holdsTheFramesInTheirOrder() throws IOException {
    Path file = folder.resolve("moving.gif");
    AnimatedGif.write(file, List.of(frame(Color.BLACK), frame(Color.GRAY), frame(Color.WHITE)));

    ImageReader reader = ImageIO.getImageReadersByFormatName("gif").next();
    try (ImageInputStream in = ImageIO.createImageInputStream(file.toFile())) {
      reader.setInput(in);
      assertThat(reader.getNumImages(true)).isEqualTo(3);
      assertThat(reader.read(0).getRGB(8, 8) & 0xff).isLessThan(10);
      assertThat(reader.read(2).getRGB(8, 8) & 0xff).isGreaterThan(245);
    }
  }

  @Test
  void isHtmlThatNeedsNoFile() throws IOException {
    Path file = folder.resolve("moving.gif");
    AnimatedGif.write(file, List.of(frame(Color.BLACK)));

    assertThat(AnimatedGif.html(file))
        .startsWith("<img alt=\"moving.gif\" width=\"32\"")
        .contains("src=\"data:image/gif;base64,R0lGODlh");
  }

  @Test
  void refusesNoFrames() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> AnimatedGif.write(folder.resolve("moving.gif"), List.of()))
        .withMessage("Expected at least one frame, found none. Pass the pictures to show.");
  }

  private static BufferedImage frame(Color color) {
    BufferedImage frame = new BufferedImage(16, 16, BufferedImage.TYPE_INT_RGB);
    Graphics graphics = frame.getGraphics();
    graphics.setColor(color);
    graphics.fillRect(0, 0, 16, 16);
    graphics.dispose();
    return frame;
  }
}
