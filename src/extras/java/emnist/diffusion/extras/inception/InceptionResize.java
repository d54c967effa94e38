package emnist.diffusion.extras.inception;

import ai.djl.ndarray.NDArray;
import emnist.diffusion.extras.torch.Interpolation;
import java.util.Locale;

/** How images are brought to the network's size. Numbers of different resizes do not compare. */
public enum InceptionResize {
  /** TensorFlow 1's: torch-fidelity, torchmetrics before 1.8, and the FIDs of most papers. */
  TF1X,
  /** With half-pixel centres and antialiasing: torchmetrics since 1.8. */
  ANTIALIAS;

  /** Resizes {@code (N, C, H, W)} to {@code (N, C, height, width)}. */
  NDArray apply(NDArray x, int height, int width) {
    return switch (this) {
      case TF1X -> Interpolation.tensorFlow1(x, height, width);
      case ANTIALIAS -> Interpolation.antialiased(x, height, width);
    };
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
