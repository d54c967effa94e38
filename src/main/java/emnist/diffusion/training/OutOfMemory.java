package emnist.diffusion.training;

import ai.djl.engine.EngineException;
import java.util.Locale;

/** Tells what to lower when the memory of the device or of Java is not enough. */
final class OutOfMemory {

  private OutOfMemory() {}

  /** An exception to throw for {@code e}: with advice if memory ran out, else the same. */
  static RuntimeException explain(Throwable e, TrainingConfig config) {
    if (isOutOfMemory(e)) {
      return new IllegalStateException(
          "Expected memory for a training step of %d images, found none left (%s). Lower train_batch_size: with half of it, gradient_accumulation_steps of %d trains alike."
              .formatted(
                  config.trainBatchSize(),
                  String.valueOf(e.getMessage()).lines().findFirst().orElse(""),
                  2 * config.gradientAccumulationSteps()),
          e);
    }
    return e instanceof EngineException engine ? engine : new IllegalStateException(e);
  }

  /** PyTorch has no type for it: its CUDA and CPU allocators say it in words of their own. */
  private static boolean isOutOfMemory(Throwable e) {
    String message = String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT);
    return e instanceof OutOfMemoryError
        || message.contains("out of memory")
        || message.contains("not enough memory")
        || message.contains("can't allocate memory");
  }
}
