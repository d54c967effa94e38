package emnist.diffusion.generation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import emnist.diffusion.Golden;
import emnist.diffusion.GoldenModel;
import emnist.diffusion.image.Pixels;
import emnist.diffusion.model.UNet2DModel;
import emnist.diffusion.scheduler.Scheduler;
import emnist.diffusion.scheduler.SchedulerOutput;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Two pictures from noise to bytes in ten steps, with diffusers' noise. */
class SampleTinyGoldenTest {

  private static final Golden GOLDEN = Golden.open("sample_tiny");

  private static final String DDPM = "{\"_class_name\": \"DDPMScheduler\"}";
  private static final String DDIM = "{\"_class_name\": \"DDIMScheduler\"}";

  private final NDManager manager = NDManager.newBaseManager();

  @AfterEach
  void freeArrays() {
    manager.close();
  }

  @ParameterizedTest
  @MethodSource("schedulers")
  void everyStateOfTheChainIsThatOfDiffusers(String name, Scheduler scheduler, double tolerance) {
    NDArray states = GOLDEN.array(manager, name + ".x");

    List<double[]> found = chain(name, scheduler);

    assertThat(found).hasSize((int) states.getShape().get(0));
    for (int i = 0; i < found.size(); i++) {
      Golden.assertClose("state " + i, found.get(i), widened(states.get(i)), tolerance);
    }
  }

  @ParameterizedTest
  @MethodSource("schedulers")
  void theTimestepsAreThoseOfDiffusers(String name, Scheduler scheduler) {
    assertThat(scheduler.timesteps()).isEqualTo(GOLDEN.ints(name + ".timesteps"));
  }

  @Test
  void thePixelsOfThePicturesAreThoseOfDiffusers() {
    List<double[]> states = chain("ddpm10", Scheduler.fromJson(DDPM).withTimesteps(10));

    int[] bytes =
        Arrays.stream(states.get(10)).mapToInt(x -> Pixels.toUnsignedByte((float) x)).toArray();

    assertThat(bytes).isEqualTo(GOLDEN.unsignedBytes("ddpm10.image_uint8"));
  }

  static Stream<Arguments> schedulers() {
    return Stream.of(
        arguments("ddpm10", Scheduler.fromJson(DDPM).withTimesteps(10), 1e-5),
        // Without fresh noise a difference of 7e-7 in the first output stays, and grows.
        arguments("ddim10", Scheduler.fromJson(DDIM).withTimesteps(10), 5e-5));
  }

  /** All states, from noise to picture. */
  private List<double[]> chain(String name, Scheduler scheduler) {
    UNet2DModel unet = GoldenModel.open(manager, "i_2level");
    NDArray drawn =
        GOLDEN.names().contains(name + ".noise") ? GOLDEN.array(manager, name + ".noise") : null;
    SchedulerOutput output = SchedulerOutput.start(GOLDEN.array(manager, "x_T"));
    List<double[]> states = new ArrayList<>(List.of(widened(output.prevSample())));
    for (int t : scheduler.timesteps()) {
      NDArray noisyResidual = unet.forward(output.prevSample(), t);
      output = scheduler.step(noisyResidual, t, output, (step, like) -> drawn.get(step));
      states.add(widened(output.prevSample()));
    }
    return states;
  }

  private static double[] widened(NDArray array) {
    float[] values = array.toFloatArray();
    return IntStream.range(0, values.length).mapToDouble(i -> values[i]).toArray();
  }
}
