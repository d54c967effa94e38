package emnist.diffusion.scheduler;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import emnist.diffusion.Golden;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Complete chains, computed with the toy network of the reference chains. */
class DDPMSchedulerChainTest {

  private static final double TOLERANCE = 1e-5;
  private static final Golden GOLDEN = Golden.open("sched_ddpm_traj_v0.40.0");

  static Stream<String> chains() {
    return GOLDEN.names().stream()
        .filter(key -> key.endsWith(".x"))
        .map(key -> key.split("\\.")[0]);
  }

  @ParameterizedTest
  @MethodSource("chains")
  void agreesWithDiffusersAtEveryStep(String chain) {
    try (NDManager manager = NDManager.newBaseManager()) {
      ToyNetwork.assertChain(GOLDEN, chain, scheduler(chain), manager, TOLERANCE);
    }
  }

  @Test
  void agreesWithDiffusersOverAThousandSteps() {
    DDPMScheduler scheduler = new DDPMScheduler(DDPMSchedulerConfig.defaults());
    try (NDManager manager = NDManager.newBaseManager()) {
      NDArray states = GOLDEN.array(manager, "full1000.x_every100");
      NDArray noise = GOLDEN.array(manager, "full1000.noise");
      SchedulerOutput output = SchedulerOutput.start(GOLDEN.array(manager, "x_T"));
      for (int t : scheduler.timesteps()) {
        NDArray drawn = t > 0 ? noise.get(999 - t) : null;
        NDArray residual = ToyNetwork.forward(output.prevSample(), t);
        output = scheduler.step(residual, t, output, (at, like) -> drawn);
        if (t % 100 == 0) {
          ToyNetwork.assertClose(
              "full1000 after timestep " + t,
              output.prevSample(),
              states.get(10 - t / 100),
              TOLERANCE);
        }
      }
      GOLDEN.assertClose("full1000.x_final", output.prevSample(), TOLERANCE);
    }
  }

  static DDPMScheduler scheduler(String chain) {
    List<String> options = new ArrayList<>();
    if (chain.startsWith("linspace")) {
      options.add("\"timestep_spacing\": \"linspace\"");
    } else if (chain.startsWith("trailing")) {
      options.add("\"timestep_spacing\": \"trailing\"");
    }
    if (chain.endsWith("_fixed_large_cos")) {
      options.add("\"variance_type\": \"fixed_large\", \"beta_schedule\": \"squaredcos_cap_v2\"");
    } else if (chain.endsWith("_v")) {
      options.add("\"prediction_type\": \"v_prediction\"");
    } else if (chain.endsWith("_sample")) {
      options.add("\"prediction_type\": \"sample\"");
    }
    DDPMScheduler scheduler =
        new DDPMScheduler(DDPMSchedulerConfig.fromJson("{" + String.join(", ", options) + "}"));
    return chain.equals("custom")
        ? scheduler.withCustomTimesteps(GOLDEN.ints("custom.timesteps"))
        : scheduler.withTimesteps(GOLDEN.ints(chain + ".timesteps").length);
  }
}
