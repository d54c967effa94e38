package emnist.diffusion.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.awt.image.BufferedImage;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LetterStripTest {

  private static final List<String> ALPHABET =
      IntStream.rangeClosed('A', 'Z').mapToObj(Character::toString).toList();

  @Test
  void makesTheAlphabetFiveThousandTwoHundredPixelsWide() {
    BufferedImage strip = LetterStrip.draw(black(26), ALPHABET, "by class label");
    assertThat(strip.getWidth()).isEqualTo(5200);
    assertThat(strip.getHeight()).isEqualTo(200);
  }

  @Test
  void keepsEachImageInItsTile() {
    float[] pixels = new float[2 * 784];
    Arrays.fill(pixels, -1);
    Arrays.fill(pixels, 784, 2 * 784, 1);
    BufferedImage strip =
        LetterStrip.draw(new ImageBatch(pixels, 2, 1, 28, 28), List.of("A", "B"), "");
    assertThat(strip.getRGB(199, 100)).isEqualTo(0xFF000000);
    assertThat(strip.getRGB(200, 100)).isEqualTo(0xFFFFFFFF);
  }

  @Test
  void enlargesSmoothly() {
    float[] edge = new float[784];
    for (int i = 0; i < edge.length; i++) {
      edge[i] = i % 28 < 14 ? -1 : 1;
    }
    BufferedImage strip = LetterStrip.draw(new ImageBatch(edge, 1, 1, 28, 28), List.of("A"), "");
    long shades = IntStream.range(90, 110).map(x -> strip.getRGB(x, 100) & 0xFF).distinct().count();
    assertThat(shades).isGreaterThan(4);
  }

  @Test
  void writesLabelsIntoTheCornersAndTheCaptionAlongTheEdge() {
    BufferedImage strip = LetterStrip.draw(black(2), List.of("A", "B"), "by class label");
    assertThat(litPixels(strip, 0, 0, 40, 30)).as("first label").isPositive();
    assertThat(litPixels(strip, 200, 0, 40, 30)).as("second label").isPositive();
    assertThat(litPixels(strip, 0, 170, 200, 30)).as("caption").isPositive();
    assertThat(litPixels(strip, 0, 30, 400, 140)).as("between").isZero();
  }

  @Test
  void refusesImagesWithoutLabels() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LetterStrip.draw(black(3), List.of("A"), ""))
        .withMessage(
            "Expected at least one image and a label for each, found 3 images and 1 labels."
                + " Pass one image per label.");
  }

  private static ImageBatch black(int n) {
    float[] pixels = new float[n * 784];
    Arrays.fill(pixels, -1);
    return new ImageBatch(pixels, n, 1, 28, 28);
  }

  private static long litPixels(BufferedImage picture, int left, int top, int width, int height) {
    return IntStream.range(0, width * height)
        .filter(i -> (picture.getRGB(left + i % width, top + i / width) & 0xFFFFFF) != 0)
        .count();
  }

  @Test
  void anOverviewHasAllStripsAQuarterAsLarge() {
    BufferedImage black = new BufferedImage(400, 200, BufferedImage.TYPE_INT_RGB);
    BufferedImage white = new BufferedImage(400, 200, BufferedImage.TYPE_INT_RGB);
    Arrays.stream(new int[] {0, 100, 199})
        .forEach(y -> IntStream.range(0, 400).forEach(x -> white.setRGB(x, y, 0xffffff)));
    BufferedImage overview = LetterStrip.overview(List.of(black, white));
    assertThat(overview.getWidth()).isEqualTo(100);
    assertThat(overview.getHeight()).isEqualTo(100);
    assertThat(overview.getRGB(50, 25) & 0xff).isZero();
    assertThat(overview.getRGB(50, 75) & 0xff).isPositive();
  }
}
