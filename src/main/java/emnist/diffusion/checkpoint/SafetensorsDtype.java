package emnist.diffusion.checkpoint;

import ai.djl.ndarray.types.DataType;
import java.nio.ByteBuffer;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.ShortBuffer;
import java.util.Arrays;
import java.util.Optional;

/** The types of number that can be read, by safetensors' names. */
enum SafetensorsDtype {
  F32(Float.BYTES, DataType.FLOAT32),
  F16(Short.BYTES, DataType.FLOAT32),
  BF16(Short.BYTES, DataType.FLOAT32),
  F64(Double.BYTES, DataType.FLOAT32),
  I64(Long.BYTES, DataType.INT64);

  private final int bytes;
  private final DataType readAs;

  SafetensorsDtype(int bytes, DataType readAs) {
    this.bytes = bytes;
    this.readAs = readAs;
  }

  static Optional<SafetensorsDtype> named(String name) {
    return Arrays.stream(values()).filter(dtype -> dtype.name().equals(name)).findFirst();
  }

  /** Size of a number in a file. */
  int bytes() {
    return bytes;
  }

  /** The type of the array it becomes. */
  DataType readAs() {
    return readAs;
  }

  /**
   * Converts numbers of this type into those of {@link #readAs}.
   *
   * @param raw the numbers as they are in the file, read to its end
   * @param converted room for them; from its start, up to the limit that is set here
   * @return {@code converted}, or {@code raw} where nothing had to be done
   */
  ByteBuffer convert(ByteBuffer raw, ByteBuffer converted) {
    converted.clear().limit(raw.remaining() / bytes * readAs.getNumOfBytes());
    IntBuffer bits = converted.asIntBuffer();
    switch (this) {
      case F16 -> {
        for (ShortBuffer halves = raw.asShortBuffer(); halves.hasRemaining(); ) {
          bits.put(HalfPrecision.widenFloat16(halves.get()));
        }
      }
      case BF16 -> {
        for (ShortBuffer halves = raw.asShortBuffer(); halves.hasRemaining(); ) {
          bits.put(HalfPrecision.widenBfloat16(halves.get()));
        }
      }
      case F64 -> {
        FloatBuffer floats = converted.asFloatBuffer();
        for (DoubleBuffer doubles = raw.asDoubleBuffer(); doubles.hasRemaining(); ) {
          floats.put((float) doubles.get());
        }
      }
      case F32, I64 -> {
        return raw;
      }
    }
    return converted;
  }
}
