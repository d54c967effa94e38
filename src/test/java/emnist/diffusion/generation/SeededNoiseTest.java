package emnist.diffusion.generation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SeededNoiseTest {

  private static final Shape IMAGE = new Shape(1, 4, 4);

  private final NDManager manager = NDManager.newBaseManager();

  @AfterEach
  void freeArrays() {
    manager.close();
  }

  @Test
  void seedsCountUpFromTheFirst() {
    NDArray counted = SeededNoise.from(7, 2).initial(manager, IMAGE);

    assertThat(counted).isEqualTo(new SeededNoise(7, 8).initial(manager, IMAGE));
  }

  @Test
  void theSmallestSeedFollowsOnTheLargest() {
    assertThat(SeededNoise.seeds(Long.MAX_VALUE, 2))
        .containsExactly(Long.MAX_VALUE, Long.MIN_VALUE);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void refusesASampleOfAnotherNumberOfImages(int images) {
    NDArray like = manager.zeros(new Shape(images, 1, 4, 4));

    assertThatIllegalArgumentException()
        .isThrownBy(() -> new SeededNoise(7, 8).draw(0, like))
        .withMessage(
            "Expected a sample of 2 images, one per seed, found shape (%s, 1, 4, 4). Pass as many seeds.",
            images);
  }

  @Test
  void everyTimestepHasItsOwnNoise() {
    NDArray like = manager.zeros(new Shape(1, 1, 4, 4));
    SeededNoise noise = new SeededNoise(7);

    assertThat(noise.draw(10, like)).isNotEqualTo(noise.draw(9, like));
  }

  @Test
  void theNoiseOfATimestepDoesNotDependOnWhatWasDrawnBefore() {
    NDArray like = manager.zeros(new Shape(1, 1, 4, 4));
    SeededNoise noise = new SeededNoise(7);
    noise.initial(manager, IMAGE);
    noise.draw(10, like);

    assertThat(noise.draw(9, like)).isEqualTo(new SeededNoise(7).draw(9, like));
  }

  @Test
  void theNoiseOfAnImageDoesNotDependOnItsBatch() {
    NDArray three = manager.zeros(new Shape(3, 1, 4, 4));
    NDArray one = manager.zeros(new Shape(1, 1, 4, 4));

    NDArray last = SeededNoise.from(7, 3).draw(5, three).get("2:3");

    assertThat(last).isEqualTo(new SeededNoise(9).draw(5, one));
  }

  @Test
  void noiseIsStandardNormal() {
    NDArray noise = new SeededNoise(1).initial(manager, new Shape(1, 100, 100));

    assertThat(noise.mean().getFloat()).isBetween(-0.05f, 0.05f);
    assertThat(noise.square().mean().getFloat()).isBetween(0.95f, 1.05f);
  }
}
