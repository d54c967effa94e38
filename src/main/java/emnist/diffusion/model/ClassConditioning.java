package emnist.diffusion.model;

/**
 * The classes a network is told, and which of them, if any, stands for "no class": the null class
 * of a network trained with label dropout (Ho and Salimans 2022, arXiv:2207.12598).
 *
 * @param classes number of classes, the null class included; null for an unconditional network
 * @param nullClass the null class; null for a network trained without label dropout
 */
public record ClassConditioning(Integer classes, Integer nullClass) {

  public ClassConditioning {
    if (nullClass != null && (classes == null || nullClass < 0 || nullClass >= classes)) {
      throw new IllegalArgumentException(
          "Expected a class of the network as \"no class\", found %d of %s. Pass the one that label dropout used, usually the last."
              .formatted(nullClass, classes == null ? "none" : classes));
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
            "Expected class labels from 0 to %d, found %d. Choose classes the network was trained with."
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
          "Expected a network trained with label dropout for a guidance scale of %s, found one without \"no class\". Take 1, or train with label_dropout 0.1."
              .formatted(guidanceScale));
    }
  }
}
