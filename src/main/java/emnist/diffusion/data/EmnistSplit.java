package emnist.diffusion.data;

import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The six ways in which EMNIST divides its images into classes, with their official counts.
 *
 * <p>Source: Cohen, Afshar, Tapson, van Schaik, "EMNIST: extending MNIST to handwritten letters",
 * 2017, arXiv:1702.05373, table II.
 */
public enum EmnistSplit {
  /** Digits, capitals and small letters, at their natural frequency: 62 classes. */
  BYCLASS(697_932, 116_323, 0, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"),
  /** The same images; small letters that look like their capital share its class: 47 classes. */
  BYMERGE(697_932, 116_323, 0, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabdefghnqrt"),
  /** The classes of {@link #BYMERGE}, all equally frequent. */
  BALANCED(112_800, 18_800, 0, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabdefghnqrt"),
  /** The 26 letters, capital and small in one class; labels 1 to 26 in the files. */
  LETTERS(124_800, 20_800, 1, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
  /** The ten digits. */
  DIGITS(240_000, 40_000, 0, "0123456789"),
  /** The ten digits, as many as MNIST has; folders of the original MNIST are read as this split. */
  MNIST(60_000, 10_000, 0, "0123456789");

  private final int trainCount;
  private final int testCount;
  private final ClassMapping mapping;

  EmnistSplit(int trainCount, int testCount, int firstLabel, String characters) {
    this.trainCount = trainCount;
    this.testCount = testCount;
    this.mapping = ClassMapping.ofCharacters(firstLabel, characters);
  }

  /**
   * The split with a name, in upper or lower case, for example {@code "letters"}.
   *
   * @throws IllegalArgumentException if there is no such split
   */
  public static EmnistSplit parse(String name) {
    for (EmnistSplit split : values()) {
      if (split.name().equalsIgnoreCase(name)) {
        return split;
      }
    }
    String names = Stream.of(values()).map(EmnistSplit::toString).collect(Collectors.joining(", "));
    throw new IllegalArgumentException(
        "Expected one of the splits %s, found \"%s\". Pass one of these names."
            .formatted(names, name));
  }

  /** The official number of images in the training or the test part. */
  public int count(boolean train) {
    return train ? trainCount : testCount;
  }

  /** The official labels and class names. */
  public ClassMapping mapping() {
    return mapping;
  }

  public int classCount() {
    return mapping.names().size();
  }

  /** The name in file names: small letters. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }

  String imagesFile(boolean train) {
    return "emnist-%s-%s-images-idx3-ubyte".formatted(this, part(train));
  }

  String mappingFile() {
    return "emnist-%s-mapping.txt".formatted(this);
  }

  static String part(boolean train) {
    return train ? "train" : "test";
  }
}
