package emnist.diffusion.training;

import ai.djl.engine.EngineException;
import emnist.diffusion.torch.TorchFunction;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * Explains what to lower when a training step runs out of memory, on the device or in Java's heap.
 */
final class OutOfMemory {

  private OutOfMemory() {}

  /** An exception with advice if memory ran out, else {@code e} itself. */
  static RuntimeException explain(EngineException e, TrainingConfig config) {
    String reason = TorchFunction.reason(e);
    return isOutOfMemory(reason) ? advice(reason, e, config) : e;
  }

  /** An exception with advice for a full Java heap. */
  static RuntimeException explain(OutOfMemoryError e, TrainingConfig config) {
    return advice(e.getMessage(), e, config);
  }

  private static RuntimeException advice(String reason, Throwable e, TrainingConfig config) {
    return new IllegalStateException(
        "Expected memory for a training step of %d images, found none left (%s). Lower train_batch_size; half of it with gradient_accumulation_steps of %d trains equivalently."
            .formatted(config.trainBatchSize(), reason, 2 * config.gradientAccumulationSteps()),
        e);
  }

  /**
   * PyTorch has no exception type for this, so the messages of its CUDA and CPU allocators are
   * matched.
   */
  private static boolean isOutOfMemory(String reason) {
    String lowerCase = reason.toLowerCase(Locale.ROOT);
    return Stream.of("out of memory", "not enough memory", "can't allocate memory")
        .anyMatch(lowerCase::contains);
  }
}
