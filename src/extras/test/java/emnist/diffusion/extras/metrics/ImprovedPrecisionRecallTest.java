package emnist.diffusion.extras.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Random;
import org.junit.jupiter.api.Test;

class ImprovedPrecisionRecallTest {

  @Test
  void agreesWithACalculationByHand() {
    float[][] real = {{0}, {1}, {3}, {10}};
    float[][] generated = {{-1}, {3.5f}, {5.5f}, {30}};

    // k = 1. The real ones reach from -1 to 1, 0 to 2, 1 to 5 and 3 to 17, so that -1 is just
    // inside and 30 is outside. The generated ones reach from -5.5 to 3.5, 1.5 to 5.5, 3.5 to 7.5
    // and 5.5 to 54.5.
    assertThat(ImprovedPrecisionRecall.of(real, generated, 1))
        .isEqualTo(new ImprovedPrecisionRecall(0.75, 1));
    // Without 30 the generated ones no longer reach 10.
    assertThat(ImprovedPrecisionRecall.of(real, new float[][] {{-1}, {3.5f}, {5.5f}}, 1))
        .isEqualTo(new ImprovedPrecisionRecall(1, 0.75));
  }

  @Test
  void aLargerNeighbourhoodReachesFurther() {
    float[][] real = {{0}, {1}, {3}, {10}};
    float[][] generated = {{-3}, {20}, {21}, {22}};

    // k = 2: 0 reaches 3, 10 reaches 9; k = 1: 0 reaches 1, 10 reaches 7.
    assertThat(ImprovedPrecisionRecall.of(real, generated, 1).precision()).isZero();
    assertThat(ImprovedPrecisionRecall.of(real, generated, 2).precision()).isEqualTo(0.25);
  }

  @Test
  void isOneForEqualSets() {
    float[][] features = normal(0);

    assertThat(ImprovedPrecisionRecall.of(features, features, 3))
        .isEqualTo(new ImprovedPrecisionRecall(1, 1));
  }

  @Test
  void isZeroForSetsFarApart() {
    assertThat(ImprovedPrecisionRecall.of(normal(0), normal(1000), 3))
        .isEqualTo(new ImprovedPrecisionRecall(0, 0));
  }

  @Test
  void hasPrecisionWithoutRecallForASmallPartOfTheRealImages() {
    float[][] real = normal(0);
    float[][] same = {real[0], real[0], real[0], real[0]};

    assertThat(ImprovedPrecisionRecall.of(real, same, 3))
        .isEqualTo(new ImprovedPrecisionRecall(1, 1.0 / real.length));
  }

  @Test
  void refusesSetsWithoutSoManyNeighbours() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ImprovedPrecisionRecall.of(new float[4][1], new float[3][1], 3))
        .withMessage(
            "Expected a neighbourhood of at least 1 image and more images of both kinds, found 3, 4 real and 3 generated ones. Use more images.");
  }

  @Test
  void refusesFeaturesThatAreNotFinite() {
    float[][] generated = {{0}, {1}, {Float.NaN}};

    assertThatIllegalArgumentException()
        .isThrownBy(() -> ImprovedPrecisionRecall.of(new float[3][1], generated, 1))
        .withMessageStartingWith("Expected finite features, found NaN in row 2.");
  }

  private static float[][] normal(float mean) {
    Random random = new Random(0);
    float[][] features = new float[50][3];
    for (float[] vector : features) {
      for (int i = 0; i < vector.length; i++) {
        vector[i] = mean + (float) random.nextGaussian();
      }
    }
    return features;
  }
}
