package emnist.diffusion.data;

/** The order of an image's pixels in its file. */
public enum Orientation {
  /** Row after row, as in MNIST. */
  UPRIGHT,
  /** Column after column, as in EMNIST, which MATLAB wrote. */
  TRANSPOSED
}
