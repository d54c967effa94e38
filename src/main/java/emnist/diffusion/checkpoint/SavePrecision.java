package emnist.diffusion.checkpoint;

import ai.djl.ndarray.NDArray;
import emnist.diffusion.torch.StoredNumbers;

/** The precision in which weights are saved. */
public enum SavePrecision {
  /** Every bit. */
  FLOAT32(SafetensorsDtype.F32),

  /**
   * Half the size: 11 significant bits, rounded to nearest and ties to even. A finite number whose
   * magnitude is 65520 or more is refused.
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
   * Checks that no number is too large for float16.
   *
   * @param name of the array that {@code values} are from
   * @throws IllegalArgumentException if one is
   */
  static void requireFloat16Range(String name, NDArray values) {
    try (NDArray beyond = StoredNumbers.beyondFloat16(values)) {
      if (beyond.size() > 0) {
        throw new IllegalArgumentException(
            "Expected \"%s\" within float16's range of -65504 to 65504, found %s. Save as float32."
                .formatted(name, beyond.getFloat(0)));
      }
    }
  }

  /** The array whose memory a file holds for {@code values}: they themselves in float32. */
  NDArray encode(NDArray values) {
    return this == FLOAT16 ? StoredNumbers.encodeFloat16(values) : values;
  }
}
