package emnist.diffusion.torch;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.IValue;
import ai.djl.pytorch.jni.JniUtils;

/**
 * Random numbers as functions of a seed.
 *
 * <p>PyTorch's generator cannot be saved from Java, so nothing here continues a stream: each draw
 * starts its own from a seed. On the CPU the numbers are those of {@code torch.manual_seed(seed)}
 * in Python.
 */
public final class TorchRandom {

  private static final TorchFunction NORMAL =
      TorchFunction.of(
          "noise: Tensor, seeds: List[int]",
          "Tensor",
          "for i in range(torch.len(seeds)):",
          "  generator = torch.Generator(device=None, seed=seeds[i])",
          "  image = torch.select(noise, 0, i)",
          "  _ = torch.normal_(image, 0., 1., generator=generator)",
          "return noise");

  private TorchRandom() {}

  /** Starts the process-wide stream anew: {@code torch.manual_seed(seed)}. */
  public static void manualSeed(long seed) {
    JniUtils.setSeed(seed);
  }

  /**
   * Standard normal noise of one seed per image, so that an image is the same whatever batch it is
   * drawn in.
   *
   * <p>Each image has a generator of its own: the process-wide stream is left alone, and threads
   * may draw at the same time.
   *
   * @param shape {@code (C, H, W)} of one image
   * @return {@code (N, C, H, W)} on the manager's device, drawn on the CPU as diffusers does for
   *     reproducible pictures
   */
  public static NDArray normal(NDManager manager, long[] seeds, Shape shape) {
    Shape batch = new Shape(seeds.length).addAll(shape);
    try (NDManager drawing = manager.newSubManager(Device.cpu())) {
      PtNDArray empty = (PtNDArray) drawing.create(batch, DataType.FLOAT32);
      NDArray noise =
          NORMAL
              .applyInPlace(drawing, IValue.from(empty), IValue.listFrom(seeds))
              .toDevice(manager.getDevice(), false);
      noise.attach(manager);
      return noise;
    }
  }
}
