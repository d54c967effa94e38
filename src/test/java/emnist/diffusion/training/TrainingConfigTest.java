package emnist.diffusion.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TrainingConfigTest {

  @ParameterizedTest
  @CsvSource({
    "0, 1, 1, numEpochs",
    "1, 0, 1, trainBatchSize",
    "1, 1, 0, gradientAccumulationSteps",
  })
  void refusesCountsBelowOneByName(int epochs, int batchSize, int accumulation, String name) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> config(epochs, batchSize, accumulation, 1e-3, 0, 1))
        .withMessage("Expected %s of at least 1, found 0. Raise it.", name);
  }

  @ParameterizedTest
  @CsvSource({"0, 0, 1.0", "NaN, 0, 1.0", "1.0, -1, 1.0", "1.0, 0, 0.0", "1.0, 0, NaN"})
  void refusesRatesAndNormsOutOfRange(double learningRate, int warmupSteps, double maxGradNorm) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> config(1, 1, 1, learningRate, warmupSteps, maxGradNorm))
        .withMessage(
            "Expected learningRate > 0, maxGradNorm > 0 and lrWarmupSteps >= 0, found %s, %s and %d. Usual values are 1e-4, 1 and 500.",
            learningRate, maxGradNorm, warmupSteps);
  }

  @Test
  void takesAnInfiniteNormForNoClipping() {
    assertThat(config(1, 1, 1, 1, 0, Double.POSITIVE_INFINITY).maxGradNorm()).isInfinite();
  }

  @Test
  void changesTheNumberOfEpochsAlone() {
    TrainingConfig config = config(1, 8, 2, 1e-3, 5, 1);

    assertThat(config.withNumEpochs(7)).isEqualTo(config(7, 8, 2, 1e-3, 5, 1));
  }

  private static TrainingConfig config(
      int epochs,
      int batchSize,
      int accumulation,
      double learningRate,
      int warmupSteps,
      double maxGradNorm) {
    return new TrainingConfig(
        epochs,
        batchSize,
        accumulation,
        learningRate,
        warmupSteps,
        maxGradNorm,
        AdamW.Config.DEFAULT,
        EMAModel.Config.DEFAULT,
        0,
        false);
  }
}
