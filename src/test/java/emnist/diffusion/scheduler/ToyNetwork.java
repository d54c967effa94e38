package emnist.diffusion.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import emnist.diffusion.Golden;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/** The stand-in for a network that computed the reference chains. */
final class ToyNetwork {

  /** Noise from PyTorch's global generator. */
  static final NoiseSource NORMAL_NOISE =
      (step, like) ->
          like.getManager()
              .randomNormal(0, 1, like.getShape(), like.getDataType(), like.getDevice());

  private ToyNetwork() {}

  static NDArray forward(NDArray sample, int t) {
    return sample.mul(0.3f).add((float) (0.01 * t / 1000));
  }

  /** Asserts that a chain from {@code x_T} matches the reference chain at every step. */
  static void assertChain(
      Golden chains, String chain, Scheduler scheduler, NDManager manager, double tolerance) {
    NDArray states = chains.array(manager, chain + ".x");
    assertThat(scheduler.timesteps()).isEqualTo(chains.ints(chain + ".timesteps"));
    int done = 0;
    for (NDArray sample : chain(chains, chain, scheduler, manager)) {
      done++;
      assertClose(chain + " after step " + done, sample, states.get(done), tolerance);
    }
  }

  /** The samples of a chain from {@code x_T} after each step, with the noise of the file. */
  static List<NDArray> chain(Golden chains, String chain, Scheduler scheduler, NDManager manager) {
    String noiseKey = chain + ".noise";
    NDArray noise = chains.names().contains(noiseKey) ? chains.array(manager, noiseKey) : null;
    SchedulerOutput output = SchedulerOutput.start(chains.array(manager, "x_T"));
    List<NDArray> samples = new ArrayList<>();
    for (int t : scheduler.timesteps()) {
      NDArray residual = forward(output.prevSample(), t);
      output = scheduler.step(residual, t, output, (step, like) -> noise.get(step));
      samples.add(output.prevSample());
    }
    return samples;
  }

  /**
   * Asserts that every element is within {@code tolerance}, or within 3e-6 times the largest
   * magnitude: unclipped chains of this network reach thousands, where float32 cannot resolve 1e-5.
   */
  static void assertClose(String what, NDArray actual, NDArray expected, double tolerance) {
    double[] wanted = widened(expected);
    double largest = DoubleStream.of(wanted).map(Math::abs).max().orElse(0);
    Golden.assertClose(what, widened(actual), wanted, Math.max(tolerance, 3e-6 * largest));
  }

  private static double[] widened(NDArray array) {
    float[] values = array.toFloatArray();
    return IntStream.range(0, values.length).mapToDouble(i -> values[i]).toArray();
  }
}
