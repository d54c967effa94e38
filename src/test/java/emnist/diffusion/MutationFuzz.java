package emnist.diffusion;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * Shows a reader ten thousand files that are nearly right. Each must be read, or refused with the
 * one exception of the reader's documentation, in words of the form "Expected ..., found ..."; and
 * none may take much memory.
 */
public final class MutationFuzz {

  private static final int FILES = 10_000;
  private static final int MAX_MUTATIONS = 3;
  private static final long MAX_ALLOCATED_BYTES = 16 << 20;

  private static final long[] INTERESTING = {
    0,
    1,
    -1,
    2,
    4,
    7,
    8,
    127,
    128,
    255,
    256,
    1032,
    32767,
    32768,
    65535,
    65536,
    100_000_001,
    Integer.MAX_VALUE,
    Integer.MIN_VALUE,
    1L << 31,
    (1L << 32) - 1,
    1L << 32,
    1L << 53,
    1L << 62,
    Long.MAX_VALUE,
    Long.MIN_VALUE
  };

  private static final Pattern FORM = Pattern.compile("Expected .*, found .*\\..*", Pattern.DOTALL);
  private static final Pattern DIGITS = Pattern.compile("[0-9]+");

  private static final ThreadMXBean THREAD = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  /** Reads a file, or throws. */
  @FunctionalInterface
  public interface Reader {
    void read(byte[] file) throws Exception;
  }

  private MutationFuzz() {}

  /**
   * Shows them to a reader.
   *
   * @param refusal what the reader may throw
   * @param whole files that it reads
   */
  public static void run(Class<? extends Exception> refusal, Reader reader, byte[]... whole)
      throws Exception {
    for (byte[] file : whole) {
      reader.read(file);
    }
    int read = 0;
    for (int seed = 0; seed < FILES; seed++) {
      byte[] file = mutated(whole[seed % whole.length], new Random(seed));
      long before = THREAD.getCurrentThreadAllocatedBytes();
      try {
        reader.read(file);
        read++;
      } catch (Exception | Error e) {
        if (!refusal.isInstance(e) || !FORM.matcher(String.valueOf(e.getMessage())).matches()) {
          throw new AssertionError("Seed %s: %s".formatted(seed, e), e);
        }
      }
      assertThat(THREAD.getCurrentThreadAllocatedBytes() - before)
          .as("Seed %s: bytes of memory", seed)
          .isLessThan(MAX_ALLOCATED_BYTES);
    }
    // Of neither too few to have shown anything.
    assertThat(read).as("files that were read").isBetween(FILES / 200, FILES * 99 / 100);
  }

  /** A function of its arguments. */
  private static byte[] mutated(byte[] whole, Random random) {
    byte[] file = whole;
    for (int left = 1 + random.nextInt(MAX_MUTATIONS); left > 0; left--) {
      int from = random.nextInt(file.length + 1);
      int to = Math.min(file.length, from + 1 + random.nextInt(16));
      file =
          switch (random.nextInt(8)) {
            case 0 -> spliced(file, from, to, flipped(slice(file, from, to), random));
            case 1 -> spliced(file, from, to, bytes(to - from, random));
            case 2 -> slice(file, 0, from);
            case 3 -> spliced(file, from, from, bytes(1 + random.nextInt(8), random));
            case 4 -> spliced(file, from, from, anySlice(file, random));
            case 5 -> spliced(file, from, to, new byte[0]);
            case 6 -> {
              byte[] number = number(random);
              yield spliced(file, from, Math.min(file.length, from + number.length), number);
            }
            default -> anotherNumber(file, random);
          };
    }
    return file;
  }

  private static byte[] flipped(byte[] slice, Random random) {
    if (slice.length > 0) {
      slice[random.nextInt(slice.length)] ^= (byte) (1 << random.nextInt(8));
    }
    return slice;
  }

  private static byte[] anySlice(byte[] file, Random random) {
    int from = random.nextInt(file.length + 1);
    return slice(file, from, from + random.nextInt(file.length - from + 1));
  }

  /** An integer as a file holds it: of 1, 2, 4 or 8 bytes. */
  private static byte[] number(Random random) {
    ByteOrder order = random.nextBoolean() ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN;
    byte[] bytes =
        ByteBuffer.allocate(Long.BYTES).order(order).putLong(interesting(random)).array();
    int length = 1 << random.nextInt(4);
    return order == ByteOrder.LITTLE_ENDIAN
        ? slice(bytes, 0, length)
        : slice(bytes, bytes.length - length, bytes.length);
  }

  /** Replaces one of the numbers that a text holds. */
  private static byte[] anotherNumber(byte[] file, Random random) {
    List<MatchResult> numbers = DIGITS.matcher(new String(file, ISO_8859_1)).results().toList();
    if (numbers.isEmpty()) {
      return file;
    }
    MatchResult number = numbers.get(random.nextInt(numbers.size()));
    byte[] other = Long.toString(interesting(random)).getBytes(ISO_8859_1);
    return spliced(file, number.start(), number.end(), other);
  }

  private static long interesting(Random random) {
    return INTERESTING[random.nextInt(INTERESTING.length)];
  }

  private static byte[] bytes(int length, Random random) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }

  private static byte[] slice(byte[] file, int from, int to) {
    return Arrays.copyOfRange(file, from, to);
  }

  private static byte[] spliced(byte[] file, int from, int to, byte[] between) {
    return ByteBuffer.allocate(file.length - (to - from) + between.length)
        .put(file, 0, from)
        .put(between)
        .put(file, to, file.length - to)
        .array();
  }
}
