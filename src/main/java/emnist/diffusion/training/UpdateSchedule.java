package emnist.diffusion.training;

/** Which batches of an epoch make an update of the weights, and the learning rate of each. */
final class UpdateSchedule {

  private final int batches;
  private final int accumulated;
  private final long perEpoch;
  private final TrainingConfig config;

  /** Plans a run over that many images. */
  UpdateSchedule(TrainingConfig config, int images) {
    this.batches = ceilDiv(images, config.trainBatchSize());
    this.accumulated = config.gradientAccumulationSteps();
    this.perEpoch = ceilDiv(batches, accumulated);
    this.config = config;
  }

  /** Batches of an epoch. */
  int batches() {
    return batches;
  }

  /** The batch behind the last one of the update that begins with batch {@code first}. */
  int endOfUpdate(int first) {
    return Math.min(first + accumulated, batches);
  }

  /** Updates before the one that begins with batch {@code first} of an epoch, counted from 1. */
  long update(int epoch, int first) {
    return (epoch - 1) * perEpoch + first / accumulated;
  }

  /** The rate of the update after {@code updates} others. */
  double learningRate(long updates) {
    return config.learningRate()
        * config
            .lrScheduler()
            .factor(updates, config.lrWarmupSteps(), config.numEpochs() * perEpoch);
  }

  /** Such as "epoch 2, update 17". */
  String describe(long updates) {
    return "epoch %d, update %d".formatted(updates / perEpoch + 1, updates % perEpoch + 1);
  }

  private static int ceilDiv(int count, int size) {
    return (count + size - 1) / size;
  }
}
