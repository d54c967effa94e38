package emnist.diffusion.metrics;

/** Checks feature vectors before anything is computed from them. */
public final class FeatureChecks {

  private FeatureChecks() {}

  /**
   * Refuses vectors of another length than {@code dimension} and values that are not finite.
   *
   * @param features {@code (N, dimension)}
   * @throws IllegalArgumentException naming the first row that is refused
   */
  public static void requireFinite(float[][] features, int dimension) {
    for (int row = 0; row < features.length; row++) {
      if (features[row].length != dimension) {
        throw new IllegalArgumentException(
            "Expected feature vectors of length %d, found %d in row %d. Use one extractor for all images."
                .formatted(dimension, features[row].length, row));
      }
      for (float value : features[row]) {
        if (!Float.isFinite(value)) {
          throw new IllegalArgumentException(
              "Expected finite features, found %s in row %d. Check that the images are finite; training may have diverged."
                  .formatted(value, row));
        }
      }
    }
  }
}
