package emnist.diffusion.training;

/**
 * Which batches of an epoch make an update of the weights, and the learning rate of each.
 *
 * @param images number of images to train on
 */
record UpdateSchedule(TrainingConfig config, int images) {

  /** Batches of an epoch. */
  int batches() {
    return ceilDiv(images, config.trainBatchSize());
  }

  private long updatesPerEpoch() {
    return ceilDiv(batches(), config.gradientAccumulationSteps());
  }

  /** Whether an update is due after that many batches of an epoch. */
  boolean isUpdateDue(int batchesDone) {
    return batchesDone == batches() || batchesDone % config.gradientAccumulationSteps() == 0;
  }

  /** Updates before that of batch {@code batch}, counted from 0, of an epoch, counted from 1. */
  long updatesBefore(int epoch, int batch) {
    return (epoch - 1) * updatesPerEpoch() + batch / config.gradientAccumulationSteps();
  }

  /** The rate of the update after {@code updates} others. */
  double learningRate(long updates) {
    long total = config.numEpochs() * updatesPerEpoch();
    return config.learningRate()
        * config.lrScheduler().factor(updates, config.lrWarmupSteps(), total);
  }

  /** Such as "epoch 2, update 17". */
  String describe(long updates) {
    long perEpoch = updatesPerEpoch();
    return "epoch %s, update %s".formatted(updates / perEpoch + 1, updates % perEpoch + 1);
  }

  private static int ceilDiv(int count, int size) {
    return (count + size - 1) / size;
  }
}
