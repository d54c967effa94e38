package emnist.diffusion.walkthrough;

/** Which of the networks in the notebook's cells to train. */
public enum Preset {
  /** A class-conditional network of 0.7 million weights that learns letters on two CPU cores. */
  SMALL,

  /** The network of the original project: 113,668,609 weights, no classes; needs a GPU. */
  README
}
