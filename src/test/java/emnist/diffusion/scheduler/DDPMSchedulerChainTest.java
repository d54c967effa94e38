package emnist.diffusion.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import emnist.diffusion.Golden;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whole chains, with the stand-in for a network that the reference chains were made with. */
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
    DDPMScheduler scheduler = scheduler(chain);
    assertThat(scheduler.timesteps()).isEqualTo(GOLDEN.ints(chain + ".timesteps"));
    try (NDManager manager = NDManager.newBaseManager()) {
      NDArray states = GOLDEN.array(manager, chain + ".x");
      NDArray noise = GOLDEN.array(manager, chain + ".noise");
      NDArray sample = GOLDEN.array(manager, "x_T");
      int step = 0;
      for (int t : scheduler.timesteps()) {
        NDArray drawn = t > 0 ? noise.get(step) : null;
        sample = scheduler.step(toyNetwork(sample, t), t, sample, (at, like) -> drawn).prevSample();
        step++;
        Golden.assertClose(
            chain + " after step " + step, widened(sample), widened(states.get(step)), TOLERANCE);
      }
    }
  }

  @Test
  void agreesWithDiffusersOverAThousandSteps() {
    DDPMScheduler scheduler = new DDPMScheduler(DDPMSchedulerConfig.defaults());
    try (NDManager manager = NDManager.newBaseManager()) {
      NDArray states = GOLDEN.array(manager, "full1000.x_every100");
      NDArray noise = GOLDEN.array(manager, "full1000.noise");
      NDArray sample = GOLDEN.array(manager, "x_T");
      for (int t : scheduler.timesteps()) {
        NDArray drawn = t > 0 ? noise.get(999 - t) : null;
        sample = scheduler.step(toyNetwork(sample, t), t, sample, (at, like) -> drawn).prevSample();
        if (t % 100 == 0) {
          Golden.assertClose(
              "full1000 after timestep " + t,
              widened(sample),
              widened(states.get(10 - t / 100)),
              TOLERANCE);
        }
      }
      GOLDEN.assertClose("full1000.x_final", sample, TOLERANCE);
    }
  }

  private static DDPMScheduler scheduler(String chain) {
    DDPMSchedulerConfig.Builder config = DDPMSchedulerConfig.builder();
    if (chain.startsWith("linspace")) {
      config.timestepSpacing(TimestepSpacing.LINSPACE);
    } else if (chain.startsWith("trailing")) {
      config.timestepSpacing(TimestepSpacing.TRAILING);
    }
    if (chain.endsWith("_fixed_large_cos")) {
      config.varianceType(VarianceType.FIXED_LARGE).betaSchedule(BetaSchedule.SQUAREDCOS_CAP_V2);
    } else if (chain.endsWith("_v")) {
      config.predictionType(PredictionType.V_PREDICTION);
    } else if (chain.endsWith("_sample")) {
      config.predictionType(PredictionType.SAMPLE);
    }
    DDPMScheduler scheduler = new DDPMScheduler(config.build());
    return chain.equals("custom")
        ? scheduler.withCustomTimesteps(GOLDEN.ints("custom.timesteps"))
        : scheduler.withTimesteps(GOLDEN.ints(chain + ".timesteps").length);
  }

  private static NDArray toyNetwork(NDArray sample, int t) {
    return sample.mul(0.3f).add((float) (0.01 * t / 1000));
  }

  private static double[] widened(NDArray array) {
    float[] values = array.toFloatArray();
    double[] widened = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      widened[i] = values[i];
    }
    return widened;
  }
}
