package emnist.diffusion.scheduler;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import emnist.diffusion.Difference;
import emnist.diffusion.Golden;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** The chains of the schedulers' tests, for who measures how far they are from diffusers'. */
public enum ReferenceChains {
  DDPM(
      "sched_ddpm_traj_v0.40.0",
      DDPMSchedulerChainTest.chains(),
      DDPMSchedulerChainTest::scheduler),
  DDIM("sched_ddim_traj", DDIMSchedulerTest.chains(), DDIMSchedulerTest::chainScheduler),
  DPM_SOLVER(
      "sched_dpm_traj_v0.40.0",
      DPMSolverMultistepSchedulerTest.chains(),
      DPMSolverMultistepSchedulerTest::scheduler);

  private final Golden golden;
  private final List<String> names;
  private final Function<String, Scheduler> scheduler;

  ReferenceChains(String file, Stream<String> names, Function<String, Scheduler> scheduler) {
    this.golden = Golden.open(file);
    this.names = names.toList();
    this.scheduler = scheduler;
  }

  /** The largest difference of any step of any chain, as a part of that chain's largest value. */
  public double relative(NDManager manager) {
    return names.stream().mapToDouble(name -> relative(manager, name)).max().orElseThrow();
  }

  private double relative(NDManager parent, String name) {
    try (NDManager manager = parent.newSubManager()) {
      NDArray states = golden.array(manager, name + ".x");
      List<NDArray> found = ToyNetwork.chain(golden, name, scheduler.apply(name), manager);
      return IntStream.range(0, found.size())
          .mapToObj(i -> Difference.between(found.get(i), states.get(i + 1)))
          .reduce(Difference::merge)
          .orElseThrow()
          .relative();
    }
  }
}
