package emnist.diffusion.extras.letters;

import static org.assertj.core.api.Assertions.assertThat;

import emnist.diffusion.random.CounterRandom;
import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class HandwritingTest {

  private static byte[] write(int letter, long index) {
    return new Handwriting(new CounterRandom(1, 0, index)).write(letter);
  }

  @Test
  void bellHasMeanZeroAndDeviationOne() {
    Handwriting hand = new Handwriting(new CounterRandom(5));
    double[] draws = IntStream.range(0, 20_000).mapToDouble(i -> hand.bell()).toArray();
    double mean = IntStream.range(0, draws.length).mapToDouble(i -> draws[i]).average().orElse(9);
    double square =
        IntStream.range(0, draws.length).mapToDouble(i -> draws[i] * draws[i]).average().orElse(9);
    assertThat(mean).isBetween(-0.03, 0.03);
    assertThat(square).isBetween(0.96, 1.04);
  }

  @Test
  void sameRandomNumbersWriteTheSameLetter() {
    assertThat(write(3, 5)).isEqualTo(write(3, 5));
  }

  @Test
  void noTwoLettersAreAlike() {
    Set<ByteBuffer> seen = new HashSet<>();
    for (int i = 0; i < 1300; i++) {
      assertThat(seen.add(ByteBuffer.wrap(write(i % 26, i)))).isTrue();
    }
  }

  @Test
  void everyLetterLiesInsideTheImage() {
    for (int i = 0; i < 1300; i++) {
      byte[] image = write(i % 26, i);
      for (int k = 0; k < Handwriting.SIDE; k++) {
        assertThat(image[k]).isZero();
        assertThat(image[27 * 28 + k]).isZero();
        assertThat(image[k * 28]).isZero();
        assertThat(image[k * 28 + 27]).isZero();
      }
    }
  }

  @Test
  void everyLetterHasInkLikeHandwriting() {
    double total = 0;
    for (int i = 0; i < 1300; i++) {
      double sum = 0;
      for (byte pixel : write(i % 26, i)) {
        sum += Byte.toUnsignedInt(pixel);
      }
      assertThat(sum / 784).isBetween(8.0, 100.0);
      total += sum / 784;
    }
    // The mean of the NIST capitals is 36.
    assertThat(total / 1300).isBetween(31.0, 41.0);
  }

  @Test
  void everySkeletonIsAChainOfCurves() {
    for (int letter = 0; letter < 26; letter++) {
      for (int variant = 0; variant < LetterSkeletons.variants(letter); variant++) {
        assertThat(LetterSkeletons.strokes(letter, variant))
            .isNotEmpty()
            .allMatch(s -> s.points().length >= 4 && s.points().length % 3 == 1);
      }
    }
  }

  @Test
  void everyLetterIsDrawnInMoreThanOneWay() {
    for (int letter = 0; letter < 26; letter++) {
      assertThat(LetterSkeletons.variants(letter)).isGreaterThan(1);
    }
  }

  @Test
  void linesAreCurvesThatHappenToBeStraight() {
    double[][] points = LetterSkeletons.strokes('L' - 'A', 0).get(0).points();
    assertThat(points).hasDimensions(7, 2);
    assertThat(points[0]).containsExactly(0.65 * 0.08, 0);
    assertThat(points[6]).containsExactly(0.65, 0.97);
  }
}
