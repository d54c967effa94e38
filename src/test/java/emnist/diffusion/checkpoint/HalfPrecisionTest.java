package emnist.diffusion.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HalfPrecisionTest {

  private static final int PATTERNS = 1 << 16;
  private static final int LARGEST = 0x7bff;

  @Test
  void widensEveryFloat16ToItsValue() {
    for (int half = 0; half < PATTERNS; half++) {
      int found = HalfPrecision.widenFloat16((short) half);

      assertThat(found).as("float16 %04x", half).isEqualTo(bits(half, 5, 10));
    }
  }

  @Test
  void widensEveryBfloat16ToItsValue() {
    for (int brain = 0; brain < PATTERNS; brain++) {
      int found = HalfPrecision.widenBfloat16((short) brain);

      assertThat(found).as("bfloat16 %04x", brain).isEqualTo(bits(brain, 8, 7));
    }
  }

  @Test
  void everyFloat16ComesBackFromFloat32() {
    for (int half = 0; half < PATTERNS; half++) {
      float widened = Float.intBitsToFloat(HalfPrecision.widenFloat16((short) half));
      // A NaN is made quiet, and keeps the rest of its bits.
      int expected = Float.isNaN(widened) ? half | 0x200 : half;

      assertThat(HalfPrecision.roundToFloat16(widened)).as("%04x", half).isEqualTo(expected);
    }
  }

  @Test
  void roundsToTheNearestFloat16AndHalfwayToTheEvenOne() {
    for (int half = 0; half < LARGEST; half++) {
      float below = (float) value(half, 5, 10);
      float above = (float) value(half + 1, 5, 10);
      float middle = (below + above) / 2;
      int even = half + (half & 1);

      assertThat(round(middle)).as("middle of %s and %s", below, above).isEqualTo(even);
      assertThat(round(Math.nextDown(middle))).as("below %s", middle).isEqualTo(half);
      assertThat(round(Math.nextUp(middle))).as("above %s", middle).isEqualTo(half + 1);
      assertThat(round(-middle)).as("-%s", middle).isEqualTo(even | 0x8000);
    }
  }

  @ParameterizedTest
  @ValueSource(floats = {65520, 65536, 1e38f, Float.MAX_VALUE, Float.POSITIVE_INFINITY})
  void roundsWhatIsTooLargeToInfinity(float value) {
    assertThat(round(value)).isEqualTo(HalfPrecision.INFINITY);
    assertThat(round(-value)).isEqualTo(HalfPrecision.INFINITY | 0x8000);
    assertThat(round(Math.nextDown(65520f))).isEqualTo(LARGEST);
  }

  @Test
  void roundsWhatIsTooSmallToZeroOfItsSign() {
    assertThat(round(Float.MIN_VALUE)).isZero();
    assertThat(round(-Float.MIN_VALUE)).isEqualTo(0x8000);
  }

  private static int round(float value) {
    return HalfPrecision.roundToFloat16(value);
  }

  /** The float32 of a format's number: of its value by definition, or of a NaN with its bits. */
  private static int bits(int pattern, int exponentBits, int fractionBits) {
    double value = value(pattern, exponentBits, fractionBits);
    if (Double.isNaN(value)) {
      int sign = pattern >>> 15;
      int fraction = pattern & (1 << fractionBits) - 1;
      return sign << 31 | 0xff << 23 | fraction << 23 - fractionBits;
    }
    assertThat((double) (float) value).isEqualTo(value);
    return Float.floatToRawIntBits((float) value);
  }

  /** IEEE 754, section 3.4. */
  private static double value(int pattern, int exponentBits, int fractionBits) {
    int bias = (1 << exponentBits - 1) - 1;
    int exponent = pattern >>> fractionBits & (1 << exponentBits) - 1;
    double fraction = (pattern & (1 << fractionBits) - 1) / (double) (1 << fractionBits);
    double sign = pattern >>> 15 == 0 ? 1 : -1;
    if (exponent == (1 << exponentBits) - 1) {
      return fraction == 0 ? sign * Double.POSITIVE_INFINITY : Double.NaN;
    }
    return exponent == 0
        ? sign * Math.pow(2, 1 - bias) * fraction
        : sign * Math.pow(2, exponent - bias) * (1 + fraction);
  }
}
