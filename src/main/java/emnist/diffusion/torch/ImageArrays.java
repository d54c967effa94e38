package emnist.diffusion.torch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import emnist.diffusion.image.ImageBatch;

/** Images between host memory and the device. */
public final class ImageArrays {

  private ImageArrays() {}

  /** The images as {@code (N, C, H, W)} on the manager's device. */
  public static NDArray of(NDManager manager, ImageBatch images) {
    return manager.create(
        images.pixels(), new Shape(images.n(), images.channels(), images.height(), images.width()));
  }

  /** The images of an array {@code (N, C, H, W)}, clipped to {@code [-1, 1]}. */
  public static ImageBatch toBatch(NDArray images) {
    Shape shape = images.getShape();
    try (NDArray clipped = images.clip(-1, 1)) {
      return new ImageBatch(
          clipped.toFloatArray(),
          (int) shape.get(0),
          (int) shape.get(1),
          (int) shape.get(2),
          (int) shape.get(3));
    }
  }
}
