package emnist.diffusion.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The loops of diffusers' own tests, which must reproduce the numbers published there. */
class PublishedLoopsTest {

  private static final int ELEMENTS = 4 * 3 * 8 * 8;

  private final NDManager manager = NDManager.newBaseManager();

  @AfterEach
  void free() {
    manager.close();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {}                                                | 172.0067
          {"prediction_type": "v_prediction"}               | 52.5302
          {"set_alpha_to_one": true, "beta_start": 0.01}    | 149.8295
          {"set_alpha_to_one": false, "beta_start": 0.01}   | 149.0784
          """)
  void ddimInTenStepsEndsInThePublishedSum(String options, double sum) {
    Scheduler scheduler =
        new DDIMScheduler(DDIMSchedulerConfig.fromJson(options)).withTimesteps(10);

    assertThat(sum(loop(scheduler, counting(), 0))).isCloseTo(sum, within(1e-2));
  }

  @Test
  void ddimFromTheEighthStepEndsInThePublishedSum() {
    Scheduler scheduler = new DDIMScheduler(DDIMSchedulerConfig.fromJson("{}")).withTimesteps(10);

    assertThat(sum(loop(scheduler, noisy(scheduler, 8), 8))).isCloseTo(354.5418, within(1e-2));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          "prediction_type": "epsilon"                                  | 0.3301
          "prediction_type": "v_prediction"                             | 0.2251
          "prediction_type": "v_prediction", "use_karras_sigmas": true  | 0.2096
          "prediction_type": "v_prediction", "use_lu_lambdas": true     | 0.1554
          "thresholding": true, "dynamic_thresholding_ratio": 0.87, "sample_max_value": 0.5 | 1.1364
          """)
  void dpmSolverInTenStepsEndsInThePublishedMean(String options, double mean) {
    double sum = sum(loop(dpmSolver(options), counting(), 0));

    assertThat(sum / ELEMENTS).isCloseTo(mean, within(1e-3));
  }

  @Test
  void dpmSolverFromTheFifthStepEndsInThePublishedSum() {
    Scheduler scheduler = dpmSolver("\"solver_order\": 2");

    assertThat(sum(loop(scheduler, noisy(scheduler, 5), 5))).isCloseTo(318.4111, within(1e-2));
  }

  @ParameterizedTest
  @CsvSource({"0, 0.0", "487, 0.00979", "999, 0.02"})
  void ddpmAddsThePublishedVariances(int timestep, double variance) {
    NoiseSchedule schedule = new NoiseSchedule(DDPMSchedulerConfig.defaults());

    assertThat(
            (double)
                VarianceType.FIXED_SMALL.variance(
                    schedule.alphaCumprod(timestep), schedule.alphaCumprod(timestep - 1)))
        .isCloseTo(variance, within(1e-5));
  }

  private static Scheduler dpmSolver(String options) {
    return new DPMSolverMultistepScheduler(
            DPMSolverMultistepSchedulerConfig.fromJson(
                "{\"final_sigmas_type\": \"sigma_min\", \"lower_order_final\": false, %s}"
                    .formatted(options)))
        .withTimesteps(10);
  }

  /** {@code dummy_sample_deter}: counts up, fastest along the batch axis. */
  private NDArray counting() {
    return manager
        .arange(ELEMENTS)
        .toType(DataType.FLOAT32, false)
        .div(ELEMENTS)
        .reshape(3, 8, 8, 4)
        .transpose(3, 0, 1, 2);
  }

  /**
   * The sample with noise added for a step's timestep: {@code dummy_noise_deter}, which counts
   * down.
   */
  private NDArray noisy(Scheduler scheduler, int step) {
    NDArray noise = manager.create((float) (ELEMENTS - 1) / ELEMENTS).sub(counting());
    int[] timesteps = new int[4];
    Arrays.fill(timesteps, scheduler.timesteps()[step]);
    return scheduler.addNoise(counting(), noise, manager.create(timesteps, new Shape(4)));
  }

  /** {@code full_loop} with {@code dummy_model}. */
  private static NDArray loop(Scheduler scheduler, NDArray sample, int from) {
    SchedulerOutput output = SchedulerOutput.start(sample);
    int[] timesteps = scheduler.timesteps();
    for (int t : Arrays.copyOfRange(timesteps, from, timesteps.length)) {
      NDArray residual = output.prevSample().mul((float) t / (t + 1));
      output = scheduler.step(residual, t, output, ToyNetwork.NORMAL_NOISE);
    }
    return output.prevSample();
  }

  private static double sum(NDArray sample) {
    return sample.abs().sum().getFloat();
  }
}
