package emnist.diffusion.checkpoint;

import ai.djl.ndarray.types.DataType;
import emnist.diffusion.torch.StoredNumbers;
import java.util.Arrays;
import java.util.Optional;

/** The types of number that can be read, by safetensors' names. */
enum SafetensorsDtype {
  F32(Float.BYTES, StoredNumbers.FLOAT32, DataType.FLOAT32),
  F16(Short.BYTES, StoredNumbers.FLOAT16, DataType.FLOAT32),
  BF16(Short.BYTES, StoredNumbers.BFLOAT16, DataType.FLOAT32),
  F64(Double.BYTES, StoredNumbers.FLOAT64, DataType.FLOAT32),
  I64(Long.BYTES, StoredNumbers.INT64, DataType.INT64);

  private final int bytes;
  private final int torchType;
  private final DataType readAs;

  SafetensorsDtype(int bytes, int torchType, DataType readAs) {
    this.bytes = bytes;
    this.torchType = torchType;
    this.readAs = readAs;
  }

  static Optional<SafetensorsDtype> named(String name) {
    return Arrays.stream(values()).filter(dtype -> dtype.name().equals(name)).findFirst();
  }

  /** Size of a number in a file. */
  int bytes() {
    return bytes;
  }

  /** PyTorch's code of the type. */
  int torchType() {
    return torchType;
  }

  /** The type of the array it becomes. */
  DataType readAs() {
    return readAs;
  }
}
