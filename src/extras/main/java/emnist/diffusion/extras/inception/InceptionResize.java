package emnist.diffusion.extras.inception;

import ai.djl.ndarray.NDArray;
import emnist.diffusion.extras.torch.Interpolation;
import java.util.Locale;

/** How images are resized for the network. Scores of different resizes cannot be compared. */
public enum InceptionResize {
  /** TensorFlow 1's: torch-fidelity, torchmetrics before 1.8, and the FIDs of most papers. */
  TF1X,
  /** Half-pixel centres and antialiasing: torchmetrics since 1.8. */
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
