package emnist.diffusion.torch;

import com.fasterxml.jackson.annotation.JsonProperty;

/** The number format of convolutions, matrix products and attention, by accelerate's names. */
public enum MixedPrecision {
  /** float32, as everything else. */
  @JsonProperty("no")
  NO,

  /**
   * bfloat16, with the range of float32 and 8 bits of precision (Micikevicius et al. 2018,
   * arXiv:1710.03740, without the loss scaling that float16 needs). Pays on a GPU, and on a CPU
   * with instructions for it; on another CPU a warning says that it is slow.
   */
  @JsonProperty("bf16")
  BF16
}
