package emnist.diffusion.training;

import ai.djl.engine.EngineException;
import emnist.diffusion.torch.EngineErrors;
import java.util.Locale;
import java.util.stream.Stream;

/** Tells what to lower when the memory of the device or of Java is not enough. */
final class OutOfMemory {

  private OutOfMemory() {}

  /** Advice if memory ran out, else the exception itself. */
  static RuntimeException explain(EngineException e, TrainingConfig config) {
    String reason = EngineErrors.reason(e);
    return isOutOfMemory(reason) ? advice(reason, e, config) : e;
  }

  /** Advice where Java's own memory ran out. */
  static RuntimeException explain(OutOfMemoryError e, TrainingConfig config) {
    return advice(e.getMessage(), e, config);
  }

  private static RuntimeException advice(String reason, Throwable e, TrainingConfig config) {
    return new IllegalStateException(
        "Expected memory for a training step of %d images, found none left (%s). Lower train_batch_size: with half of it, gradient_accumulation_steps of %d trains alike."
            .formatted(config.trainBatchSize(), reason, 2 * config.gradientAccumulationSteps()),
        e);
  }

  /** PyTorch has no type for it: its CUDA and CPU allocators say it in words of their own. */
  private static boolean isOutOfMemory(String reason) {
    String lowerCase = reason.toLowerCase(Locale.ROOT);
    return Stream.of("out of memory", "not enough memory", "can't allocate memory")
        .anyMatch(lowerCase::contains);
  }
}
