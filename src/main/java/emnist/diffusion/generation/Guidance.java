package emnist.diffusion.generation;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import emnist.diffusion.model.UNet2DModel;
import emnist.diffusion.torch.Functional;
import java.util.Arrays;

/**
 * The predictions of a network for a batch of images and their classes, with classifier-free
 * guidance where the scale asks for it (Ho and Salimans 2022, arXiv:2207.12598, algorithm 2).
 */
final class Guidance {

  private final UNet2DModel unet;
  private final NDArray labels;
  private final NDArray scale;

  /**
   * Prepares a batch.
   *
   * @param manager owner of what the batch needs
   * @param nullClass the null class; only used where the scale is not 1
   */
  Guidance(
      NDManager manager, UNet2DModel unet, int[] classLabels, Integer nullClass, double scale) {
    this.unet = unet;
    boolean twice = scale != 0 && scale != 1;
    this.scale = twice ? manager.create((float) scale) : null;
    if (!unet.config().isClassConditional()) {
      this.labels = null;
      return;
    }
    int n = classLabels.length;
    long[] told = new long[twice ? 2 * n : n];
    Arrays.setAll(told, i -> scale == 0 || twice && i < n ? nullClass : classLabels[i % n]);
    this.labels = manager.create(told, new Shape(told.length));
  }

  /** The network's output for samples {@code (N, C, H, W)}, owned by their manager. */
  NDArray predict(NDArray sample, int timestep) {
    if (scale == null) {
      return unet.forward(sample, timestep, labels);
    }
    try (NDArray both = sample.concat(sample)) {
      return Functional.consume(
          unet.forward(both, timestep, labels), halves -> Functional.guide(halves, scale));
    }
  }
}
