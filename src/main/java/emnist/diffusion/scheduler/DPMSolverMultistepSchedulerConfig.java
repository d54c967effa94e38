package emnist.diffusion.scheduler;

import com.fasterxml.jackson.annotation.JsonProperty;
import emnist.diffusion.config.JsonConfig;

/**
 * The options of a {@link DPMSolverMultistepScheduler}: those of every {@link SchedulerConfig}, and
 * its own.
 *
 * @param solverOrder steps whose outputs are combined, 1 to 3; 2 is best with guidance, 3 without
 * @param algorithmType which integral is approximated
 * @param solverType how a second-order step is taken
 * @param lowerOrderFinal whether the last steps of a chain of fewer than 15 have a lower order
 * @param eulerAtFinal whether the last step has order 1
 * @param useKarrasSigmas whether noise levels follow Karras et al. 2022, equation 5
 * @param useLuLambdas whether the noise levels' logarithms are evenly spaced
 * @param finalSigmasType the noise level at which a chain ends; {@code ZERO} only with the
 *     algorithms of the image
 * @param lambdaMinClipped timesteps whose half-log-SNR is below are not visited; diffusers advises
 *     -5.1 for {@link BetaSchedule#SQUAREDCOS_CAP_V2}
 */
public record DPMSolverMultistepSchedulerConfig(
    int numTrainTimesteps,
    double betaStart,
    double betaEnd,
    BetaSchedule betaSchedule,
    int solverOrder,
    PredictionType predictionType,
    boolean thresholding,
    double dynamicThresholdingRatio,
    double sampleMaxValue,
    AlgorithmType algorithmType,
    SolverType solverType,
    boolean lowerOrderFinal,
    boolean eulerAtFinal,
    boolean useKarrasSigmas,
    boolean useLuLambdas,
    FinalSigmasType finalSigmasType,
    double lambdaMinClipped,
    TimestepSpacing timestepSpacing,
    int stepsOffset,
    boolean rescaleBetasZeroSnr)
    implements SchedulerConfig {

  /** How a second-order step extrapolates the network's output. */
  public enum SolverType {
    /** Uses the output at the middle of the step throughout the step. */
    @JsonProperty("midpoint")
    MIDPOINT,

    /** Integrates a straight line through the last two outputs. */
    @JsonProperty("heun")
    HEUN
  }

  /** The noise level at which a chain ends. */
  public enum FinalSigmasType {
    /** No noise. */
    @JsonProperty("zero")
    ZERO,

    /** The noise level of timestep 0. */
    @JsonProperty("sigma_min")
    SIGMA_MIN
  }

  static final JsonConfig<DPMSolverMultistepSchedulerConfig> JSON =
      new JsonConfig<>(
          "DPMSolverMultistepScheduler",
          DPMSolverMultistepSchedulerConfig.class,
          """
              {
                "num_train_timesteps": 1000,
                "beta_start": 0.0001, "beta_end": 0.02, "beta_schedule": "linear",
                "prediction_type": "epsilon",
                "thresholding": false, "dynamic_thresholding_ratio": 0.995, "sample_max_value": 1,
                "solver_order": 2, "algorithm_type": "dpmsolver++", "solver_type": "midpoint",
                "lower_order_final": true, "euler_at_final": false,
                "use_karras_sigmas": false, "use_lu_lambdas": false,
                "final_sigmas_type": "zero", "lambda_min_clipped": -Infinity,
                "timestep_spacing": "linspace", "steps_offset": 0,
                "rescale_betas_zero_snr": false
              }
              """,
          """
          {
            "trained_betas": null,
            "use_exponential_sigmas": false, "use_beta_sigmas": false,
            "use_flow_sigmas": false, "flow_shift": 1.0,
            "variance_type": [
              null, "fixed_small", "fixed_small_log", "fixed_large", "fixed_large_log"],
            "use_dynamic_shifting": false, "time_shift_type": "exponential"
          }
          """,
          OptionChecks::older);

  public DPMSolverMultistepSchedulerConfig {
    OptionChecks.checkSchedule(numTrainTimesteps, betaStart, betaEnd, stepsOffset);
    OptionChecks.check(numTrainTimesteps >= 2, "num_train_timesteps >= 2", numTrainTimesteps);
    OptionChecks.checkNotSigmoid(betaSchedule, "DPMSolverMultistepScheduler");
    OptionChecks.checkBound(1, dynamicThresholdingRatio, sampleMaxValue);
    OptionChecks.check(solverOrder >= 1 && solverOrder <= 3, "solver_order 1, 2 or 3", solverOrder);
    if (useKarrasSigmas && useLuLambdas) {
      throw new IllegalArgumentException(
          "Expected one spacing of the noise levels, found use_karras_sigmas and use_lu_lambdas. Choose one.");
    }
    if (!algorithmType.ofSample && finalSigmasType == FinalSigmasType.ZERO) {
      throw new IllegalArgumentException(
          "Expected final_sigmas_type sigma_min with dpmsolver and sde-dpmsolver, found zero."
              + " Change it, or choose dpmsolver++ or sde-dpmsolver++.");
    }
    if (algorithmType == AlgorithmType.SDE_DPMSOLVER && solverOrder == 3) {
      throw new IllegalArgumentException(
          "Expected solver_order 1 or 2 with sde-dpmsolver, found 3. Lower it, or choose sde-dpmsolver++.");
    }
  }

  /** As {@link DDPMSchedulerConfig#fromJson}. */
  public static DPMSolverMultistepSchedulerConfig fromJson(String json) {
    return JSON.fromJson(json);
  }

  @Override
  public String toJson() {
    return JSON.toJson(this);
  }

  @Override
  public DPMSolverMultistepScheduler createScheduler() {
    return new DPMSolverMultistepScheduler(this);
  }
}
