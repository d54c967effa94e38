package emnist.diffusion.training;

import ai.djl.engine.EngineException;
import emnist.diffusion.torch.TorchFunction;
import java.util.regex.Pattern;

/**
 * Explains what to lower when a training step runs out of memory, on the device or in Java's heap.
 */
final class OutOfMemory {

  /** Words of PyTorch's CUDA and CPU allocators, which have no exception type for this. */
  private static final Pattern WORDS =
      Pattern.compile("(?i)out of memory|not enough memory|can't allocate memory");

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
      if (!WORDS.matcher(reason).find()) {
        return ofEngine;
      }
    }
    return new IllegalStateException(
        "Expected memory for a training step of %s images, found none left (%s). Lower train_batch_size; half of it with gradient_accumulation_steps of %s trains equivalently."
            .formatted(config.trainBatchSize(), reason, 2 * config.gradientAccumulationSteps()),
        e);
  }
}
