package emnist.diffusion.checkpoint;

/**
 * The two formats of 16 bits, by their bits: IEEE 754's binary16, and bfloat16, the upper half of a
 * float32. Java has no conversions of them before version 20.
 */
final class HalfPrecision {

  /** From 65520 on, a number is nearer to 65536, which is none of float16's, than to 65504. */
  private static final int FIRST_THAT_OVERFLOWS = Float.floatToRawIntBits(65520);

  private static final int SMALLEST_NORMAL = Float.floatToRawIntBits(0x1p-14f);
  private static final int FLOAT32_INFINITY = 0x7f800000;

  /** The bits of float16's infinity. */
  static final int INFINITY = 0x7c00;

  // float32 has 13 bits of fraction more, and an exponent that is greater by 127 - 15.
  private static final int EXTRA_BITS = 13;
  private static final int REBIAS = 112 << 23;

  private HalfPrecision() {}

  /** The bits of the same number as a float32; every float16 is one, and NaNs keep their bits. */
  static int widenFloat16(int half) {
    int sign = (half & 0x8000) << 16;
    int magnitude = half & 0x7fff;
    if (magnitude < 0x400) {
      return sign | Float.floatToRawIntBits(magnitude * 0x1p-24f);
    }
    int widened = (magnitude << EXTRA_BITS) + REBIAS;
    return sign | (magnitude < INFINITY ? widened : widened | FLOAT32_INFINITY);
  }

  /** The bits of the same number as a float32. */
  static int widenBfloat16(int brain) {
    return brain << 16;
  }

  /** The bits of the nearest float16, the even one of two that are as near. */
  static int roundToFloat16(float value) {
    int bits = Float.floatToRawIntBits(value);
    int sign = bits >>> 16 & 0x8000;
    int magnitude = bits & 0x7fffffff;
    if (magnitude > FLOAT32_INFINITY) {
      return sign | INFINITY | 0x200 | magnitude >>> EXTRA_BITS & 0x1ff;
    }
    if (magnitude >= FIRST_THAT_OVERFLOWS) {
      return sign | INFINITY;
    }
    if (magnitude < SMALLEST_NORMAL) {
      return sign | (int) Math.rint(Math.abs(value) * 0x1p24);
    }
    int lastBit = magnitude >>> EXTRA_BITS & 1;
    return sign | magnitude - REBIAS + 0xfff + lastBit >>> EXTRA_BITS;
  }
}
