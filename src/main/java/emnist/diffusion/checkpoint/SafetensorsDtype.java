package emnist.diffusion.checkpoint;

import ai.djl.ndarray.types.DataType;
import emnist.diffusion.torch.StoredNumbers;

/** The types of number that can be read, by safetensors' names. */
enum SafetensorsDtype {
  F32(Float.BYTES, StoredNumbers.FLOAT32),
  F16(Short.BYTES, StoredNumbers.FLOAT16),
  BF16(Short.BYTES, StoredNumbers.BFLOAT16),
  F64(Double.BYTES, StoredNumbers.FLOAT64),
  I64(Long.BYTES, StoredNumbers.INT64);

  private final int bytes;
  private final int torchType;

  SafetensorsDtype(int bytes, int torchType) {
    this.bytes = bytes;
    this.torchType = torchType;
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
    return this == I64 ? DataType.INT64 : DataType.FLOAT32;
  }
}
