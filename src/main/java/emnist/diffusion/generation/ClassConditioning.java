package emnist.diffusion.generation;

import emnist.diffusion.model.UNet2DModelConfig;
import java.util.stream.IntStream;

/**
 * The classes a network is told, and which of them, if any, is the null class of a network trained
 * with label dropout (Ho and Salimans 2022, arXiv:2207.12598). Letter i is the network's i-th
 * class, its null class not counted.
 *
 * @param classes number of classes, the null class included; null for an unconditional network
 * @param nullClass the null class; null for a network trained without label dropout
 */
public record ClassConditioning(Integer classes, Integer nullClass) {

  public ClassConditioning {
    if (nullClass != null && (classes == null || nullClass < 0 || nullClass >= classes)) {
      throw new IllegalArgumentException(
          "Expected a class of the network as the null class, found %s of %s. Pass the one that label dropout used, usually the last."
              .formatted(nullClass, classes == null ? "none" : classes));
    }
  }

  /**
   * Of a network as it is trained: with label dropout, its last class is the null class.
   *
   * @throws IllegalArgumentException if label dropout has no class to drop
   */
  public static ClassConditioning trainedWith(UNet2DModelConfig config, double labelDropout) {
    Integer classes = config.numClassEmbeds();
    if (labelDropout > 0 && classes == null) {
      throw new IllegalArgumentException(
          "Expected a network with classes for label_dropout %s, found none. Set num_class_embeds, or label_dropout to 0."
              .formatted(labelDropout));
    }
    return new ClassConditioning(classes, labelDropout > 0 ? classes - 1 : null);
  }

  /** Whether the network is told a class. */
  public boolean isConditional() {
    return classes != null;
  }

  /** The network's classes of letters, which count from 0. */
  public int[] labels(int[] letters) {
    return IntStream.of(letters)
        .map(letter -> nullClass != null && letter >= nullClass ? letter + 1 : letter)
        .toArray();
  }

  /**
   * Checks that images of {@code letters} letters can train the network.
   *
   * @throws IllegalArgumentException if it has classes, but too few
   */
  public void requireTrainable(int letters) {
    String these = nullClass == null ? "this data" : "this data and the null class";
    requireClasses(letters, these, "Raise it.");
  }

  /**
   * Checks that generated images can be compared with images of {@code letters} letters.
   *
   * @throws IllegalArgumentException if the network has classes, but too few
   */
  public void requireComparable(int letters) {
    String advice = "Compare with images like those it was trained on.";
    requireClasses(letters, "these images", advice);
  }

  private void requireClasses(int letters, String these, String advice) {
    int needed = nullClass == null ? letters : letters + 1;
    if (classes != null && classes < needed) {
      throw new IllegalArgumentException(
          "Expected a network with at least %s classes for %s, found num_class_embeds = %s. %s"
              .formatted(needed, these, classes, advice));
    }
  }

  /**
   * Checks the classes to generate.
   *
   * @throws IllegalArgumentException if the network is conditional and lacks one of them
   */
  public void requireKnown(int... labels) {
    for (int label : labels) {
      if (classes != null && (label < 0 || label >= classes)) {
        throw new IllegalArgumentException(
            "Expected class labels from 0 to %s, found %s. Choose classes the network was trained with."
                .formatted(classes - 1, label));
      }
    }
  }

  /**
   * Checks a guidance scale.
   *
   * @throws IllegalArgumentException if it is negative or not finite; or if it is not 1 and there
   *     is no null class
   */
  public void requireGuidable(double guidanceScale) {
    if (!Double.isFinite(guidanceScale) || guidanceScale < 0) {
      throw new IllegalArgumentException(
          "Expected a guidance scale of at least 0, found %s. Take 1 for none, 1.5 to 5 for clearer images."
              .formatted(guidanceScale));
    }
    if (guidanceScale != 1 && classes == null) {
      throw new IllegalArgumentException(
          "Expected a network with classes for a guidance scale of %s, found one without. Take 1."
              .formatted(guidanceScale));
    }
    if (guidanceScale != 1 && nullClass == null) {
      throw new IllegalArgumentException(
          "Expected a network trained with label dropout for a guidance scale of %s, found one without a null class. Take 1, or train with label_dropout 0.1."
              .formatted(guidanceScale));
    }
  }
}
