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

  /**
   * An exception with advice if memory ran out, else {@code e} itself.
   *
   * @param e of the engine, or Java's {@link OutOfMemoryError}
   */
  static RuntimeException explain(Throwable e, TrainingConfig config) {
    String reason = e.getMessage();
    if (e instanceof EngineException ofEngine) {
      reason = TorchFunction.reason(ofEngine);
      if (!isOutOfMemory(reason)) {
        return ofEngine;
      }
    }
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
