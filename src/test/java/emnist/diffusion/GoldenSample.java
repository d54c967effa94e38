package emnist.diffusion;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import emnist.diffusion.model.UNet2DModel;
import emnist.diffusion.scheduler.Scheduler;
import emnist.diffusion.scheduler.SchedulerOutput;
import emnist.diffusion.torch.Autocast;
import emnist.diffusion.torch.MixedPrecision;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Two pictures that a network makes of diffusers' noise in ten steps.
 *
 * @param name with which the arrays of the file begin
 * @param scheduler makes the steps
 */
public record GoldenSample(String name, Scheduler scheduler) {

  private static final Golden GOLDEN = Golden.open("sample_tiny");

  /** The sampler of each pair of pictures. */
  public static final List<GoldenSample> ALL =
      List.of(of("ddpm10", "DDPMScheduler"), of("ddim10", "DDIMScheduler"));

  private static GoldenSample of(String name, String sampler) {
    Scheduler scheduler = Scheduler.fromJson("{\"_class_name\": \"%s\"}".formatted(sampler));
    return new GoldenSample(name, scheduler.withTimesteps(10));
  }

  /** All states, from noise to picture. */
  public List<NDArray> chain(NDManager manager, MixedPrecision precision) {
    UNet2DModel unet = GoldenModel.open(manager, "i_2level");
    NDArray drawn =
        GOLDEN.names().contains(name + ".noise") ? GOLDEN.array(manager, name + ".noise") : null;
    SchedulerOutput output = SchedulerOutput.start(GOLDEN.array(manager, "x_T"));
    List<NDArray> states = new ArrayList<>(List.of(output.prevSample()));
    for (int t : scheduler.timesteps()) {
      NDArray sample = output.prevSample();
      NDArray noisyResidual = Autocast.in(precision, () -> unet.forward(sample, t));
      output = scheduler.step(noisyResidual, t, output, (step, like) -> drawn.get(step));
      states.add(output.prevSample());
    }
    return states;
  }

  /** How far each state is from diffusers'. */
  public List<Difference> differences(NDManager manager, MixedPrecision precision) {
    NDArray states = GOLDEN.array(manager, name + ".x");
    List<NDArray> found = chain(manager, precision);
    assertThat(found).hasSize((int) states.getShape().get(0));
    return IntStream.range(0, found.size())
        .mapToObj(i -> Difference.between(found.get(i), states.get(i)))
        .toList();
  }
}
