package emnist.diffusion.torch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import emnist.diffusion.image.ImageBatch;
import java.util.Arrays;

/** Moves images and their features between host memory and the device. */
public final class ImageArrays {

  /** The operations of torchvision's ToTensor and Normalize(0.5, 0.5), in their order. */
  private static final TorchFunction SELECT =
      TorchFunction.of(
          "i, bytes",
          "x = torch.to(torch.index_select(bytes, 0, i), 6)",
          // An array, because a GPU multiplies by the inverse of a number, which rounds otherwise.
          "x = torch.div_(x, torch.new_full(x, annotate(List[int], []), 255.))",
          "return torch.div_(torch.sub_(x, 0.5), 0.5)");

  private ImageArrays() {}

  /** The images as {@code (N, C, H, W)} on the manager's device. */
  public static NDArray of(NDManager manager, ImageBatch images) {
    return manager.create(
        images.pixels(), new Shape(images.n(), images.channels(), images.height(), images.width()));
  }

  /**
   * Selects images {@code (N)} from {@code bytes}, uint8 {@code (M, 1, H, W)} on the same device.
   *
   * @return float32 {@code (N, 1, H, W)} in {@code [-1, 1]}, owned by the manager of {@code
   *     indices}
   */
  public static NDArray select(NDArray indices, NDArray bytes) {
    return SELECT.apply(indices, bytes);
  }

  /** Copies a float32 matrix {@code (N, D)} to {@code rows}, the first to place {@code first}. */
  public static void copyRows(NDArray matrix, float[][] rows, int first) {
    float[] values = HostCopy.of(matrix);
    int length = Math.toIntExact(matrix.getShape().get(1));
    for (int row = 0; row * length < values.length; row++) {
      rows[first + row] = Arrays.copyOfRange(values, row * length, (row + 1) * length);
    }
  }

  /** The images of an array {@code (N, C, H, W)}, clipped to {@code [-1, 1]}. */
  public static ImageBatch toBatch(NDArray images) {
    DataType type = images.getDataType();
    if (images.getShape().dimension() != 4 || type != DataType.FLOAT32) {
      throw new IllegalArgumentException(
          "Expected FLOAT32 images (N, C, H, W), found %s %s. Convert or reshape them."
              .formatted(type.name(), images.getShape()));
    }
    int[] shape = Arrays.stream(images.getShape().getShape()).mapToInt(Math::toIntExact).toArray();
    try (NDArray clipped = images.clip(-1, 1)) {
      return new ImageBatch(HostCopy.of(clipped), shape[0], shape[1], shape[2], shape[3]);
    }
  }
}
