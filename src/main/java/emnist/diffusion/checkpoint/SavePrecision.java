package emnist.diffusion.checkpoint;

/** The precision in which weights are saved. */
public enum SavePrecision {
  /** Every bit. */
  FLOAT32,

  /**
   * Half the size: 11 significant bits, rounded to nearest and ties to even. A finite number whose
   * magnitude is 65520 or more is refused.
   */
  FLOAT16
}
