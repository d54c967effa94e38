package emnist.diffusion.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.ShortBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files of float16 and bfloat16, by their bits. */
class HalfPrecisionTest {

  private static final int PATTERNS = 1 << 16;
  private static final int LARGEST = 0x7bff;

  @TempDir Path folder;
  private final NDManager manager = NDManager.newBaseManager();

  @AfterEach
  void freeArrays() {
    manager.close();
  }

  @Test
  void widensEveryFloat16ToItsValue() throws IOException {
    int[] found = widened("F16");

    for (int half = 0; half < PATTERNS; half++) {
      assertSame("float16 %04x".formatted(half), found[half], bits(half, 5, 10));
    }
  }

  @Test
  void widensEveryBfloat16ToItsValue() throws IOException {
    int[] found = widened("BF16");

    for (int brain = 0; brain < PATTERNS; brain++) {
      assertSame("bfloat16 %04x".formatted(brain), found[brain], bits(brain, 8, 7));
    }
  }

  @Test
  void everyFloat16ComesBackFromFloat32() throws IOException {
    int[] widened = widened("F16");
    float[] values = new float[PATTERNS];
    for (int half = 0; half < PATTERNS; half++) {
      values[half] = Float.intBitsToFloat(widened[half]);
    }

    int[] found = rounded(values);

    for (int half = 0; half < PATTERNS; half++) {
      assertSame("%04x".formatted(half), bits(found[half], 5, 10), bits(half, 5, 10));
    }
  }

  @Test
  void roundsToTheNearestFloat16AndHalfwayToTheEvenOne() throws IOException {
    float[] middle = new float[LARGEST];
    float[] below = new float[LARGEST];
    float[] above = new float[LARGEST];
    float[] negative = new float[LARGEST];
    for (int half = 0; half < LARGEST; half++) {
      middle[half] = (float) (value(half, 5, 10) + value(half + 1, 5, 10)) / 2;
      below[half] = Math.nextDown(middle[half]);
      above[half] = Math.nextUp(middle[half]);
      negative[half] = -middle[half];
    }
    int[] middles = rounded(middle);
    int[] belows = rounded(below);
    int[] aboves = rounded(above);
    int[] negatives = rounded(negative);

    for (int half = 0; half < LARGEST; half++) {
      int even = half + (half & 1);
      assertThat(middles[half]).as("middle, %s", middle[half]).isEqualTo(even);
      assertThat(belows[half]).as("below %s", middle[half]).isEqualTo(half);
      assertThat(aboves[half]).as("above %s", middle[half]).isEqualTo(half + 1);
      assertThat(negatives[half]).as("-%s", middle[half]).isEqualTo(even | 0x8000);
    }
  }

  @ParameterizedTest
  @ValueSource(floats = {65520, 65536, 1e38f, Float.MAX_VALUE})
  void refusesWhatIsTooLarge(float value) throws IOException {
    assertThatIllegalArgumentException().isThrownBy(() -> rounded(value));
    assertThatIllegalArgumentException().isThrownBy(() -> rounded(1, -value));
    assertThat(rounded(Math.nextDown(65520f))).containsExactly(LARGEST);
  }

  @Test
  void infinityStaysInfinite() throws IOException {
    assertThat(rounded(Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY))
        .containsExactly(0x7c00, 0xfc00);
  }

  @Test
  void roundsWhatIsTooSmallToZeroOfItsSign() throws IOException {
    assertThat(rounded(Float.MIN_VALUE, -Float.MIN_VALUE)).containsExactly(0, 0x8000);
  }

  /** The bits of every number of a format of 16 bits, read as float32. */
  private int[] widened(String dtype) throws IOException {
    Path file = folder.resolve("patterns.safetensors");
    ByteBuffer data = ByteBuffer.allocate(2 * PATTERNS).order(ByteOrder.LITTLE_ENDIAN);
    for (int pattern = 0; pattern < PATTERNS; pattern++) {
      data.putShort((short) pattern);
    }
    RawArray.write(file, Map.of("a", new RawArray(dtype, new long[] {256, 256}, data.array())));
    int[] bits = new int[PATTERNS];
    // As bytes, because Java may change a NaN that passes through a float.
    Safetensors.read(manager, file).get("a").toByteBuffer(false).asIntBuffer().get(bits);
    return bits;
  }

  /** The bits of numbers that were saved as float16. */
  private int[] rounded(float... values) throws IOException {
    Path file = folder.resolve("rounded.safetensors");
    Files.deleteIfExists(file);
    Safetensors.write(file, Map.of("a", manager.create(values)), SavePrecision.FLOAT16);
    byte[] bytes = Files.readAllBytes(file);
    int data = bytes.length - 2 * values.length;
    ShortBuffer halves =
        ByteBuffer.wrap(bytes, data, 2 * values.length)
            .order(ByteOrder.LITTLE_ENDIAN)
            .asShortBuffer();
    return IntStream.range(0, values.length).map(i -> halves.get(i) & 0xffff).toArray();
  }

  /** Equal to the bit, but for the bits of a NaN, which processors convert in their own ways. */
  private static void assertSame(String what, int found, int expected) {
    if (Float.isNaN(Float.intBitsToFloat(expected))) {
      assertThat(Float.intBitsToFloat(found)).as(what).isNaN();
    } else {
      assertThat(found).as(what).isEqualTo(expected);
    }
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
