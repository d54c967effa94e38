package emnist.diffusion.generation;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import emnist.diffusion.Golden;
import emnist.diffusion.GoldenModel;
import emnist.diffusion.image.Pixels;
import emnist.diffusion.model.UNet2DModel;
import emnist.diffusion.scheduler.DDPMScheduler;
import emnist.diffusion.scheduler.DDPMSchedulerConfig;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Two pictures from noise to bytes in ten steps, with diffusers' noise. */
class SampleTinyGoldenTest {

  private static final Golden GOLDEN = Golden.open("sample_tiny");

  private final NDManager manager = NDManager.newBaseManager();

  @AfterEach
  void freeArrays() {
    manager.close();
  }

  @Test
  void everyStateOfTheChainIsThatOfDiffusers() {
    NDArray states = GOLDEN.array(manager, "ddpm10.x");
    double[][] expected =
        IntStream.rangeClosed(0, 10).mapToObj(i -> widened(states.get(i))).toArray(double[][]::new);

    double[][] found = chain();

    for (int i = 0; i <= 10; i++) {
      Golden.assertClose("state " + i, found[i], expected[i], 1e-5);
    }
  }

  @Test
  void theTimestepsAreThoseOfDiffusers() {
    assertThat(scheduler().timesteps()).isEqualTo(GOLDEN.ints("ddpm10.timesteps"));
  }

  @Test
  void thePixelsOfThePicturesAreThoseOfDiffusers() {
    double[][] states = chain();

    int[] bytes =
        Arrays.stream(states[10]).mapToInt(x -> Pixels.toUnsignedByte((float) x)).toArray();

    assertThat(bytes).isEqualTo(GOLDEN.unsignedBytes("ddpm10.image_uint8"));
  }

  /** All states, from noise to picture. */
  private double[][] chain() {
    UNet2DModel unet = GoldenModel.open(manager, "i_2level");
    DDPMScheduler scheduler = scheduler();
    NDArray noise = GOLDEN.array(manager, "ddpm10.noise");
    NDArray sample = GOLDEN.array(manager, "x_T");
    double[][] states = new double[11][];
    states[0] = widened(sample);
    int i = 0;
    for (int t : scheduler.timesteps()) {
      NDArray drawn = t > 0 ? noise.get(i) : null;
      NDArray noisyResidual = unet.forward(sample, t);
      sample = scheduler.step(noisyResidual, t, sample, (at, like) -> drawn).prevSample();
      states[++i] = widened(sample);
    }
    return states;
  }

  private static DDPMScheduler scheduler() {
    return new DDPMScheduler(DDPMSchedulerConfig.defaults()).withTimesteps(10);
  }

  private static double[] widened(NDArray array) {
    float[] values = array.toFloatArray();
    return IntStream.range(0, values.length).mapToDouble(i -> values[i]).toArray();
  }
}
