package emnist.diffusion.extras.inception;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Named arrays that a network is built from. The network takes each by name and shape; {@link
 * #requireAllTaken} then refuses those it did not take.
 */
final class InceptionWeights {

  /** A counter from PyTorch's training, which some files contain and no computation needs. */
  private static final String COUNTER = ".num_batches_tracked";

  private final NDManager owner;
  private final Path file;
  private final Map<String, NDArray> arrays;
  private final Set<String> taken;
  private final String prefix;

  /**
   * Weights to build one network from.
   *
   * @param owner manager that will own the arrays the network keeps
   * @param file where they come from, for messages
   * @param arrays weights by name; the caller frees those the network does not keep
   */
  InceptionWeights(NDManager owner, Path file, Map<String, NDArray> arrays) {
    this(owner, file, arrays, new HashSet<>(), "");
  }

  private InceptionWeights(
      NDManager owner, Path file, Map<String, NDArray> arrays, Set<String> taken, String prefix) {
    this.owner = owner;
    this.file = file;
    this.arrays = arrays;
    this.taken = taken;
    this.prefix = prefix;
  }

  /** The weights whose names begin with {@code name} and a dot. */
  InceptionWeights child(String name) {
    return new InceptionWeights(owner, file, arrays, taken, prefix + name + ".");
  }

  /**
   * The array of that name.
   *
   * @throws IllegalArgumentException if there is none, or it has another shape or type
   */
  NDArray take(String name, long... shape) {
    NDArray array = arrays.get(prefix + name);
    Shape expected = new Shape(shape);
    if (array == null || !array.getShape().equals(expected)) {
      throw new IllegalArgumentException(
          "Expected a weight \"%s%s\" of shape %s in %s, found %s. Convert the file as the documentation of InceptionV3 says."
              .formatted(prefix, name, expected, file, array == null ? "none" : array.getShape()));
    }
    if (array.getDataType() != DataType.FLOAT32) {
      throw new IllegalArgumentException(
          "Expected \"%s%s\" as float32 in %s, found %s. Convert the file as the documentation of InceptionV3 says."
              .formatted(prefix, name, file, array.getDataType().name().toLowerCase(Locale.ROOT)));
    }
    taken.add(prefix + name);
    return array;
  }

  /** Hands an array to the network's owner. */
  NDArray keep(NDArray array) {
    array.attach(owner);
    return array;
  }

  /** Refuses arrays that were not requested. */
  void requireAllTaken() {
    for (String name : arrays.keySet()) {
      if (!taken.contains(name) && !name.endsWith(COUNTER)) {
        throw new IllegalArgumentException(
            "Expected only weights of the FID InceptionV3 in %s, found \"%s\", which it does not have. Convert the file as the documentation of InceptionV3 says."
                .formatted(file, name));
      }
    }
  }
}
