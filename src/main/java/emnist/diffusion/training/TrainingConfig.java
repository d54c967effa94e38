package emnist.diffusion.training;

/**
 * How a network is trained.
 *
 * @param numEpochs passes over the data
 * @param trainBatchSize images per forward pass
 * @param gradientAccumulationSteps forward passes per update of the weights
 * @param learningRate peak learning rate
 * @param lrWarmupSteps updates over which the rate rises to its peak; it then follows a cosine to 0
 * @param maxGradNorm global norm the gradients are clipped to; infinite for no clipping
 * @param adamW the optimizer's other settings
 * @param ema how the weights are averaged
 * @param seed what all randomness of the run is derived from
 * @param keepOptimizerStates whether every epoch keeps the optimizer's state, twice the size of the
 *     weights, and not only the newest
 */
public record TrainingConfig(
    int numEpochs,
    int trainBatchSize,
    int gradientAccumulationSteps,
    double learningRate,
    int lrWarmupSteps,
    double maxGradNorm,
    AdamW.Config adamW,
    EMAModel.Config ema,
    long seed,
    boolean keepOptimizerStates) {

  public TrainingConfig {
    atLeastOne("numEpochs", numEpochs);
    atLeastOne("trainBatchSize", trainBatchSize);
    atLeastOne("gradientAccumulationSteps", gradientAccumulationSteps);
    if (!(learningRate > 0) || !(maxGradNorm > 0) || lrWarmupSteps < 0) {
      throw new IllegalArgumentException(
          "Expected learningRate > 0, maxGradNorm > 0 and lrWarmupSteps >= 0, found %s, %s and %d. Usual values are 1e-4, 1 and 500."
              .formatted(learningRate, maxGradNorm, lrWarmupSteps));
    }
  }

  /** The same for another number of epochs. */
  public TrainingConfig withNumEpochs(int epochs) {
    return new TrainingConfig(
        epochs,
        trainBatchSize,
        gradientAccumulationSteps,
        learningRate,
        lrWarmupSteps,
        maxGradNorm,
        adamW,
        ema,
        seed,
        keepOptimizerStates);
  }

  private static void atLeastOne(String setting, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(
          "Expected %s of at least 1, found %d. Raise it.".formatted(setting, value));
    }
  }
}
