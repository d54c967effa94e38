package emnist.diffusion.torch;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.IValue;
import ai.djl.pytorch.jni.JniUtils;
import java.util.List;

/**
 * Random numbers as functions of a seed: PyTorch's generator cannot be saved from Java, so each
 * draw starts its own. On the CPU the numbers are those of {@code torch.manual_seed(seed)} in
 * Python.
 */
public final class TorchRandom {

  private static final TorchFunction NORMAL =
      TorchFunction.of(
          "noise, seeds: List[int]",
          "for i in range(torch.len(seeds)):",
          "  generator = torch.Generator(device=None, seed=seeds[i])",
          "  image = torch.select(noise, 0, i)",
          "  _ = torch.normal_(image, 0., 1., generator=generator)",
          "return noise");

  private static final TorchFunction FILL =
      TorchFunction.of(
          "targets: List[Tensor], uniform: List[int], scales: List[float], seed: int",
          "generator = torch.Generator(device=None, seed=seed)",
          "for i in range(torch.len(targets)):",
          // On the CPU, so that a seed gives the same numbers on every device.
          "  drawn = torch.empty_like(targets[i], device=torch.device(\"cpu\"))",
          "  if bool(uniform[i]):",
          "    _ = torch.uniform_(drawn, torch.neg(scales[i]), scales[i], generator=generator)",
          "  else:",
          "    _0 = torch.normal_(drawn, 0., scales[i], generator=generator)",
          "  _1 = torch.copy_(targets[i], drawn)");

  /**
   * An array and the distribution to draw its values from.
   *
   * @param target float32, overwritten
   * @param uniform U(-scale, scale) if true, else N(0, scale²)
   * @param scale greater than 0
   */
  public record Draw(NDArray target, boolean uniform, double scale) {}

  private TorchRandom() {}

  /** Restarts the process-wide stream: {@code torch.manual_seed(seed)}. */
  public static void manualSeed(long seed) {
    JniUtils.setSeed(seed);
  }

  /**
   * Standard normal noise from one seed and generator per image: an image is the same whatever
   * batch it is drawn in, the process-wide stream is left alone, and threads may draw at once.
   *
   * @param shape {@code (C, H, W)} of one image
   * @return {@code (N, C, H, W)} on the manager's device, drawn on the CPU to be reproducible
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

  /**
   * Fills arrays one after the other from a generator of their own, started with {@code seed}, on
   * the CPU whatever their device: the process-wide stream is left alone.
   */
  public static void fill(List<Draw> draws, long seed) {
    FILL.run(
        TorchFunction.list(draws.stream().map(Draw::target).toList()),
        IValue.listFrom(draws.stream().mapToLong(draw -> draw.uniform() ? 1 : 0).toArray()),
        IValue.listFrom(draws.stream().mapToDouble(Draw::scale).toArray()),
        IValue.from(seed));
  }
}
