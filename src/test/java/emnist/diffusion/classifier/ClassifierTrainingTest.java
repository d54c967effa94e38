package emnist.diffusion.classifier;

import static org.assertj.core.api.Assertions.assertThat;

import emnist.diffusion.image.ImageBatch;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ClassifierTrainingTest {

  private static final int SIDE = 9;
  private static final int PIXELS = SIDE * SIDE;

  @Test
  void reachesEveryPlaceWithinTwoPixelsAndNoOther() {
    ImageBatch shifted = ClassifierTraining.shifted(points(500, 4, 4), 7);

    Set<Integer> places = new TreeSet<>();
    for (int p = 0; p < shifted.pixels().length; p++) {
      if (shifted.pixels()[p] == 1) {
        places.add(p % PIXELS);
      }
    }
    assertThat(places)
        .containsExactlyElementsOf(
            IntStream.range(0, PIXELS)
                .filter(p -> Math.abs(p / SIDE - 4) <= 2 && Math.abs(p % SIDE - 4) <= 2)
                .boxed()
                .toList());
  }

  @Test
  void fillsWithBlackAndDropsWhatLeavesTheImage() {
    ImageBatch shifted = ClassifierTraining.shifted(points(500, 0, SIDE - 1), 7);

    for (int i = 0; i < shifted.n(); i++) {
      float[] image = shifted.slice(i, i + 1).pixels();
      assertThat(IntStream.range(0, PIXELS).filter(p -> image[p] != -1).count())
          .isLessThanOrEqualTo(1);
    }
  }

  @Test
  void isAFunctionOfTheSeed() {
    ImageBatch images = points(20, 4, 4);

    assertThat(ClassifierTraining.shifted(images, 7).pixels())
        .isEqualTo(ClassifierTraining.shifted(images, 7).pixels())
        .isNotEqualTo(ClassifierTraining.shifted(images, 8).pixels());
  }

  @Test
  void takesImagesSmallerThanTheShift() {
    ImageBatch shifted = ClassifierTraining.shifted(new ImageBatch(new float[50], 50, 1, 1, 1), 7);

    assertThat(shifted.pixels()).containsOnly(0, -1);
  }

  /** Black images with one white pixel. */
  private static ImageBatch points(int count, int row, int column) {
    float[] pixels = new float[count * PIXELS];
    Arrays.fill(pixels, -1);
    for (int i = 0; i < count; i++) {
      pixels[i * PIXELS + row * SIDE + column] = 1;
    }
    return new ImageBatch(pixels, count, 1, SIDE, SIDE);
  }
}
