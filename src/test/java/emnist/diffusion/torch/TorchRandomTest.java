package emnist.diffusion.torch;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import emnist.diffusion.Golden;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TorchRandomTest {

  private static final Shape IMAGE = new Shape(1, 5, 5);

  private final NDManager manager = NDManager.newBaseManager(Device.cpu());

  @AfterEach
  void freeArrays() {
    manager.close();
  }

  @Test
  void aSeedGivesTheNumbersItGivesInPython() {
    TorchRandom.manualSeed(6100);

    Golden.open("sample_tiny")
        .assertClose("x_T", manager.randomNormal(new Shape(2, 1, 16, 16)), 1e-6);
  }

  @Test
  void noiseHasOneSeedPerImage() {
    NDArray noise = TorchRandom.normal(manager, new long[] {4, 5}, IMAGE);

    assertThat(noise.getShape()).isEqualTo(new Shape(2, 1, 5, 5));
    TorchRandom.manualSeed(5);
    assertThat(noise.get(1)).isEqualTo(manager.randomNormal(IMAGE));
  }

  @Test
  void aSeedGivesTheSameNoiseOnEveryDevice() {
    float[] onTheCpu = TorchRandom.normal(manager, new long[] {4, 5}, IMAGE).toFloatArray();

    try (NDManager best = NDManager.newBaseManager()) {
      NDArray noise = TorchRandom.normal(best, new long[] {4, 5}, IMAGE);
      assertThat(noise.getDevice()).isEqualTo(best.getDevice());
      assertThat(noise.toFloatArray()).isEqualTo(onTheCpu);
    }
  }

  @Test
  void equalSeedsGiveEqualImages() {
    NDArray noise = TorchRandom.normal(manager, new long[] {4, 4}, IMAGE);

    assertThat(noise.get(0)).isEqualTo(noise.get(1));
  }

  @Test
  void theNumbersOfAnImageAreThoseOfItsSeedInPythonWhateverItsSize() {
    for (Shape image : new Shape[] {new Shape(1, 1, 3), new Shape(1, 28, 28), new Shape(3, 7, 9)}) {
      for (long seed : new long[] {0, -7, 12345678901L, Long.MIN_VALUE}) {
        NDArray noise = TorchRandom.normal(manager, new long[] {1, seed}, image);

        TorchRandom.manualSeed(seed);
        assertThat(noise.get(1)).isEqualTo(manager.randomNormal(image));
      }
    }
  }

  @Test
  void noiseLeavesTheProcessWideStreamAlone() {
    TorchRandom.manualSeed(5);
    NDArray undisturbed = manager.randomNormal(IMAGE);

    TorchRandom.manualSeed(5);
    TorchRandom.normal(manager, new long[] {4}, IMAGE);

    assertThat(manager.randomNormal(IMAGE)).isEqualTo(undisturbed);
  }

  @Test
  void threadsThatDrawAtTheSameTimeDoNotDisturbEachOther() {
    List<float[]> draws =
        IntStream.range(0, 200).parallel().mapToObj(i -> draw(new long[] {i % 4})).toList();

    for (int i = 0; i < draws.size(); i++) {
      assertThat(draws.get(i)).isEqualTo(draws.get(i % 4));
    }
  }

  private static float[] draw(long[] seeds) {
    try (NDManager own = NDManager.newBaseManager()) {
      return TorchRandom.normal(own, seeds, new Shape(1, 28, 28)).toFloatArray();
    }
  }

  @Test
  void noSeedsGiveNoImages() {
    assertThat(TorchRandom.normal(manager, new long[0], IMAGE).getShape())
        .isEqualTo(new Shape(0, 1, 5, 5));
  }

  @Test
  void noiseLeavesNothingButItself() {
    NDArray noise = TorchRandom.normal(manager, new long[] {4, 5}, IMAGE);

    assertThat(manager.getManagedArrays()).containsExactly(noise);
  }
}
