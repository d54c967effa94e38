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

  /** Whether an update is due after that many batches of an epoch. */
  boolean isUpdateDue(int batchesDone) {
    return batchesDone == batches || batchesDone % accumulated == 0;
  }

  /** Updates before that of batch {@code batch}, counted from 0, of an epoch, counted from 1. */
  long updatesBefore(int epoch, int batch) {
    return (epoch - 1) * perEpoch + batch / accumulated;
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
