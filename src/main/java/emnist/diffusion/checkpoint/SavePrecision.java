package emnist.diffusion.checkpoint;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;

/** How exactly weights are saved. */
public enum SavePrecision {
  /** Every bit. */
  FLOAT32(SafetensorsDtype.F32),

  /**
   * Half the size: 11 significant bits, rounded to nearest, the even one of two that are as near. A
   * number of 65520 or more is refused.
   */
  FLOAT16(SafetensorsDtype.F16);

  private final SafetensorsDtype dtype;

  SavePrecision(SafetensorsDtype dtype) {
    this.dtype = dtype;
  }

  SafetensorsDtype dtype() {
    return dtype;
  }

  /**
   * The bytes that a file holds for {@code values}.
   *
   * @param name whose values they are
   * @param values float32 in the order of bytes of a file
   * @throws IllegalArgumentException if one is too large
   */
  ByteBuffer encode(String name, ByteBuffer values) {
    if (this == FLOAT32) {
      return values;
    }
    FloatBuffer floats = values.asFloatBuffer();
    ByteBuffer halves =
        ByteBuffer.allocate(floats.remaining() * Short.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    while (floats.hasRemaining()) {
      float value = floats.get();
      int half = HalfPrecision.roundToFloat16(value);
      if ((half & 0x7fff) == HalfPrecision.INFINITY && Float.isFinite(value)) {
        throw new IllegalArgumentException(
            "Expected \"%s\" within float16's range of -65504 to 65504, found %s. Save as float32."
                .formatted(name, value));
      }
      halves.putShort((short) half);
    }
    return halves.flip();
  }
}
