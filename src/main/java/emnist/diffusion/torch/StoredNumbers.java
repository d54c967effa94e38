package emnist.diffusion.torch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.IValue;
import java.nio.ByteBuffer;

/**
 * Numbers as a file holds them, little-endian, converted by ATen. Types go by PyTorch's own codes
 * because DJL aborts the process on bfloat16.
 */
public final class StoredNumbers {

  // TorchScript knows view(dtype) only as view_copy.
  private static final TorchFunction DECODE =
      TorchFunction.of(
          "target, bytes, dtype: int", "return torch.copy_(target, torch.view_copy(bytes, dtype))");

  private static final TorchFunction ENCODE_FLOAT16 =
      TorchFunction.of("x", "return torch.view_copy(torch.to(x, 5), 0)");

  private static final TorchFunction BEYOND_FLOAT16 =
      TorchFunction.of(
          "x",
          "infinite = torch.isinf(torch.to(x, 5))",
          "return torch.masked_select(x, torch.logical_and(infinite, torch.isfinite(x)))");

  private StoredNumbers() {}

  /** Overwrites all of {@code target} with numbers of type {@code dtype}, converted to its own. */
  public static void decode(NDArray target, ByteBuffer bytes, int dtype) {
    Shape length = new Shape(bytes.remaining());
    try (NDArray raw = target.getManager().create(bytes, length, DataType.UINT8)) {
      DECODE.run(IValue.from((PtNDArray) target), IValue.from((PtNDArray) raw), IValue.from(dtype));
    }
  }

  /** The bytes of {@code x} rounded to float16, uint8 of twice the length. */
  public static NDArray encodeFloat16(NDArray x) {
    return ENCODE_FLOAT16.applyInPlace(x.getManager(), IValue.from((PtNDArray) x));
  }

  /** The finite numbers of {@code x} that round to an infinite float16, in their order. */
  public static NDArray beyondFloat16(NDArray x) {
    return BEYOND_FLOAT16.applyInPlace(x.getManager(), IValue.from((PtNDArray) x));
  }
}
