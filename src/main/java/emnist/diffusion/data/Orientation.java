package emnist.diffusion.data;

/** How the pixels of an image lie in its file. */
public enum Orientation {
  /** Row after row, as in MNIST. */
  UPRIGHT,
  /** Column after column, as in EMNIST, which was written from MATLAB. */
  TRANSPOSED
}
