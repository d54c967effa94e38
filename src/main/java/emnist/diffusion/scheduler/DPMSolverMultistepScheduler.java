package emnist.diffusion.scheduler;

import ai.djl.ndarray.NDArray;
import emnist.diffusion.scheduler.DPMSolverMultistepSchedulerConfig.FinalSigmasType;
import emnist.diffusion.scheduler.DPMSolverMultistepSchedulerConfig.SolverType;
import emnist.diffusion.scheduler.NoiseLevels.AlphaSigma;
import java.util.ArrayList;
import java.util.List;

/**
 * DPM-Solver and DPM-Solver++: good samples in about 20 steps. An exponential integrator of order 1
 * to 3 combines the network's outputs of the last steps (Lu et al. 2022, arXiv:2206.00927 and
 * arXiv:2211.01095). The numbers equal those of diffusers 0.40's {@code
 * DPMSolverMultistepScheduler}.
 */
public final class DPMSolverMultistepScheduler extends Scheduler {

  /** Chains shorter than this end with steps of lower order. */
  private static final int FEW_STEPS = 15;

  private final DPMSolverMultistepSchedulerConfig config;
  private final NoiseLevels levels;

  /** A scheduler with 20 steps, or half the number of training timesteps if that is smaller. */
  public DPMSolverMultistepScheduler(DPMSolverMultistepSchedulerConfig config) {
    this(config, NoiseLevels.of(config, Math.min(20, config.numTrainTimesteps() / 2)));
  }

  /** As {@link DDPMScheduler#fromConfig}. */
  public static DPMSolverMultistepScheduler fromConfig(SchedulerConfig config, String changes) {
    return new DPMSolverMultistepScheduler(
        DPMSolverMultistepSchedulerConfig.JSON.fromOther(config.toJson(), changes));
  }

  private DPMSolverMultistepScheduler(
      DPMSolverMultistepSchedulerConfig config, NoiseLevels levels) {
    super(config, levels.timesteps());
    this.config = config;
    this.levels = levels.requireFalling();
  }

  @Override
  public DPMSolverMultistepSchedulerConfig config() {
    return config;
  }

  /** Noise levels {@code sigma / alpha}: one before each step, then the final one. */
  public float[] sigmas() {
    return levels.sigmas().clone();
  }

  @Override
  public DPMSolverMultistepScheduler withTimesteps(int numInferenceSteps) {
    return new DPMSolverMultistepScheduler(config, NoiseLevels.of(config, numInferenceSteps));
  }

  @Override
  public SchedulerOutput step(
      NDArray modelOutput, int timestep, SchedulerOutput previous, NoiseSource noise) {
    int step = previous.step(modelOutput, timestep, timesteps);
    int order = order(step, previous.modelOutputs().size() + 1);
    NDArray sample = previous.prevSample();
    try (ArrayScope scope = new ArrayScope(sample)) {
      float alpha = (float) levels.at(step).alpha();
      float sigma = (float) levels.at(step).sigma();
      var prediction = new Prediction(scope, config, sample, modelOutput, alpha, sigma);
      NDArray originalSample = prediction.image();
      NDArray output = originalSample;
      if (!config.algorithmType().ofSample) {
        output =
            config.thresholding()
                ? prediction.noiseFor(originalSample)
                : prediction.noise().duplicate();
      }
      List<NDArray> outputs = new ArrayList<>(List.of(output));
      outputs.addAll(previous.modelOutputs());
      NDArray prevSample = update(scope, sample, step, outputs.subList(0, order), noise);
      List<NDArray> remembered =
          outputs.subList(0, Math.min(outputs.size(), config.solverOrder() - 1));
      remembered.forEach(scope::keep);
      return new SchedulerOutput(
          scope.keep(prevSample), scope.keep(originalSample), step + 1, remembered);
    }
  }

  /** The order of a step, given {@code known} outputs, including its own. */
  private int order(int step, int known) {
    int steps = timesteps.length;
    boolean fewSteps = config.lowerOrderFinal() && steps < FEW_STEPS;
    boolean last = step == steps - 1;
    boolean standing = levels.sigmas()[step] == levels.sigmas()[step + 1];
    boolean endsWithEuler =
        config.eulerAtFinal() || fewSteps || config.finalSigmasType() == FinalSigmasType.ZERO;
    if (standing || last && endsWithEuler) {
      return 1;
    }
    int highest = step == steps - 2 && fewSteps ? 2 : 3;
    return Math.min(Math.min(config.solverOrder(), known), highest);
  }

  /** {@code a x + sum of b_i output_i + c noise}. */
  private NDArray update(
      ArrayScope scope, NDArray sample, int step, List<NDArray> outputs, NoiseSource noise) {
    AlphaSigma from = levels.at(step);
    AlphaSigma to = levels.at(step + 1);
    AlgorithmType algorithm = config.algorithmType();
    double[] weights = outputWeights(step, outputs.size());
    NDArray x = scope.scaled(sample, (float) algorithm.sampleWeight(from, to));
    for (int i = 0; i < weights.length; i++) {
      x.addi(scope.scaled(outputs.get(i), (float) weights[i]));
    }
    if (algorithm.stochastic) {
      float deviation = (float) algorithm.noiseWeight(from, to);
      x.addi(scope.scaled(noise.draw(step, sample), deviation));
    }
    return x;
  }

  /**
   * Weights of the newest outputs. A polynomial through the outputs, written as finite differences,
   * is integrated against {@code e^z} term by term (arXiv:2206.00927, appendix B).
   */
  private double[] outputWeights(int step, int order) {
    AlgorithmType algorithm = config.algorithmType();
    double h = levels.at(step + 1).lambda() - levels.at(step).lambda();
    double z = algorithm.exponent(h);
    double scale = algorithm.outputScale(levels.at(step + 1));
    double constant = scale * Math.expm1(z);
    if (order == 1) {
      return new double[] {constant};
    }
    double linear = scale * (Math.expm1(z) / z - 1);
    double r0 = (levels.at(step).lambda() - levels.at(step - 1).lambda()) / h;
    if (order == 2) {
      double difference = (config.solverType() == SolverType.MIDPOINT ? constant / 2 : linear) / r0;
      return new double[] {constant + difference, -difference};
    }
    // In the stochastic case the expansion has -0.5, but diffusers has +0.5.
    double half = algorithm.stochastic ? 0.5 : -0.5;
    double quadratic = scale * ((Math.expm1(z) - z) / (z * z) + half);
    double r1 = (levels.at(step - 1).lambda() - levels.at(step - 2).lambda()) / h;
    double bend = (linear * r0 + quadratic) / (r0 + r1);
    double newer = (linear + bend) / r0;
    double older = -bend / r1;
    return new double[] {constant + newer, older - newer, -older};
  }
}
