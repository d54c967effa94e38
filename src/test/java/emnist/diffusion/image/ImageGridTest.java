package emnist.diffusion.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.awt.image.BufferedImage;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class ImageGridTest {

  private static final int BLACK = 0xFF000000;
  private static final int WHITE = 0xFFFFFFFF;

  private final ImageBatch fiveBlack = filled(5, -1);

  @Test
  void fillsRowAfterRowWithGapsBetween() {
    BufferedImage picture = new ImageGrid(3, 2, 1, List.of(), List.of()).draw(fiveBlack);
    assertThat(picture.getWidth()).isEqualTo(1 + 3 * (4 * 2 + 1));
    assertThat(picture.getHeight()).isEqualTo(1 + 2 * (4 * 2 + 1));
    assertThat(picture.getRGB(0, 0)).as("edge").isEqualTo(WHITE);
    assertThat(picture.getRGB(1, 1)).as("first image").isEqualTo(BLACK);
    assertThat(picture.getRGB(9, 1)).as("gap").isEqualTo(WHITE);
    assertThat(picture.getRGB(10, 10)).as("fifth image").isEqualTo(BLACK);
    assertThat(picture.getRGB(19, 10)).as("place without image").isEqualTo(WHITE);
  }

  @Test
  void enlargesPixelsToSquares() {
    ImageBatch image = new ImageBatch(new float[] {-1, 1, 1, -1}, 1, 1, 2, 2);
    BufferedImage picture = new ImageGrid(1, 3, 0, List.of(), List.of()).draw(image);
    for (int y = 0; y < 6; y++) {
      for (int x = 0; x < 6; x++) {
        assertThat(picture.getRGB(x, y))
            .as("%s, %s", x, y)
            .isEqualTo(x / 3 == y / 3 ? BLACK : WHITE);
      }
    }
  }

  @Test
  void makesRoomForCaptions() {
    ImageGrid plain = ImageGrid.ofColumns(5);
    BufferedImage without = plain.draw(fiveBlack);
    BufferedImage with =
        plain
            .withRowCaptions(List.of("noisy"))
            .withColumnCaptions(List.of("a", "b", "c", "d", "e"))
            .draw(fiveBlack);
    assertThat(with.getWidth()).isGreaterThan(without.getWidth() + 10);
    assertThat(with.getHeight()).isGreaterThan(without.getHeight() + 10);
    assertThat(darkPixels(with)).isGreaterThan(darkPixels(without));
  }

  @Test
  void drawsWithTheScaleAndPaddingAskedFor() {
    BufferedImage picture =
        new ImageGrid(5, 2, 0, List.of(), List.of()).withScale(1).draw(fiveBlack);
    assertThat(picture.getWidth()).isEqualTo(20);
    assertThat(picture.getHeight()).isEqualTo(4);
  }

  @Test
  void refusesMissingRowCaptions() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ImageGrid.ofColumns(3).withRowCaptions(List.of("a")).draw(fiveBlack))
        .withMessage(
            "Expected a caption for each of the 2 rows, found 1. Pass one per row or none.");
  }

  @Test
  void refusesMissingColumnCaptions() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ImageGrid.ofColumns(3).withColumnCaptions(List.of("a")))
        .withMessage(
            "Expected a caption for each of the 3 columns, found 1. Pass one per column or none.");
  }

  @Test
  void refusesNoImages() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ImageGrid.ofColumns(3).draw(filled(0, 0)))
        .withMessage("Expected a number of images of at least 1, found 0. Pass a larger number.");
  }

  @Test
  void refusesAScaleOfZero() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ImageGrid.ofColumns(3).withScale(0))
        .withMessage("Expected scale of at least 1, found 0. Pass a larger number.");
  }

  private static ImageBatch filled(int n, float value) {
    float[] pixels = new float[n * 16];
    Arrays.fill(pixels, value);
    return new ImageBatch(pixels, n, 1, 4, 4);
  }

  private static long darkPixels(BufferedImage picture) {
    long dark = 0;
    for (int y = 0; y < picture.getHeight(); y++) {
      for (int x = 0; x < picture.getWidth(); x++) {
        dark += (picture.getRGB(x, y) & 0xFF) < 128 ? 1 : 0;
      }
    }
    return dark;
  }
}
