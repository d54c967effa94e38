package emnist.diffusion.data;

import emnist.diffusion.files.Sha256;
import emnist.diffusion.image.ImageBatch;
import emnist.diffusion.random.CounterRandom;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Grey images of characters with their classes, in memory as one byte per pixel.
 *
 * <p>Images are upright and classes count from 0, whatever the files hold. Instances are immutable.
 */
public final class EmnistDataset {

  /**
   * The order of an image's pixels in its file: row after row, as in MNIST, or column after column,
   * as in EMNIST, which MATLAB wrote.
   */
  public enum Orientation {
    UPRIGHT,
    TRANSPOSED
  }

  private final Idx.Images images;
  private final byte[] labels;
  private final List<String> classNames;
  private final String source;

  private EmnistDataset(Idx.Images images, byte[] labels, List<String> classNames, String source) {
    this.images = images;
    this.labels = labels;
    this.classNames = classNames;
    this.source = source;
  }

  /**
   * Loads the training or the test part of a split from a folder, which is not changed.
   *
   * <p>It may hold NIST's files ({@code emnist-letters-train-images-idx3-ubyte} and so on, gzipped
   * or not) in itself or a folder below it, of which the nearest is read, else in an archive {@code
   * gzip.zip} or {@code emnist.zip}. Capitals and dots in names do not matter, and each file may be
   * in a folder of its own name. For {@link EmnistSplit#MNIST} it may also be the original MNIST
   * ({@code t10k-...}). The counts must be the official ones, or those of a file {@code
   * dataset.json}. Class names come from EMNIST's mapping file if there is one, else from the
   * split. The largest splits use 0.55 GB of memory.
   *
   * @throws IOException that names the file which is missing, damaged, of other counts or there
   *     twice
   */
  public static EmnistDataset open(Path folder, EmnistSplit split, boolean train)
      throws IOException {
    return EmnistFolder.open(folder, split, train);
  }

  /**
   * Loads any pair of IDX files, gzipped or not.
   *
   * @throws IOException that names the file which is missing, damaged or does not match the other
   */
  public static EmnistDataset fromIdx(
      Path imagesFile, Path labelsFile, Orientation orientation, ClassMapping mapping)
      throws IOException {
    return fromIdx(DataFile.of(imagesFile), DataFile.of(labelsFile), orientation, mapping);
  }

  static EmnistDataset fromIdx(
      DataFile imagesFile, DataFile labelsFile, Orientation orientation, ClassMapping mapping)
      throws IOException {
    byte[] labels = Idx.readLabels(labelsFile);
    Idx.Images images = Idx.readImages(imagesFile);
    if (images.count() == 0 || images.count() != labels.length) {
      throw new IOException(
          "Expected as many images as labels and at least one, found %s images in %s and %s labels in %s. Fetch both files again."
              .formatted(images.count(), imagesFile.label(), labels.length, labelsFile.label()));
    }
    countFromZero(labels, mapping, labelsFile.label());
    Idx.Images upright = orientation == Orientation.UPRIGHT ? images : transposed(images);
    return new EmnistDataset(upright, labels, mapping.names(), "images of " + imagesFile.label());
  }

  private static void countFromZero(byte[] labels, ClassMapping mapping, String file)
      throws IOException {
    int first = mapping.firstLabel();
    int last = first + mapping.names().size() - 1;
    for (int i = 0; i < labels.length; i++) {
      int label = Byte.toUnsignedInt(labels[i]);
      if (label < first || label > last) {
        throw new IOException(
            "Expected labels from %s to %s in %s, found %s at position %s. Pass the mapping that belongs to these labels."
                .formatted(first, last, file, label, i));
      }
      labels[i] = (byte) (label - first);
    }
  }

  private static Idx.Images transposed(Idx.Images images) {
    byte[] stored = images.pixels();
    int columns = images.columns();
    int pixels = images.rows() * columns;
    // Image by image in place: the largest split is half a gigabyte.
    for (int start = 0; start < stored.length; start += pixels) {
      byte[] image = Arrays.copyOfRange(stored, start, start + pixels);
      for (int i = 0; i < pixels; i++) {
        stored[start + i % columns * images.rows() + i / columns] = image[i];
      }
    }
    return new Idx.Images(images.count(), columns, images.rows(), stored);
  }

  /** Number of images, at least 1. */
  public int size() {
    return labels.length;
  }

  /** Rows of an image. */
  public int height() {
    return images.rows();
  }

  /** Columns of an image. */
  public int width() {
    return images.columns();
  }

  /** The name of each class; the class of {@link #label} is the index. */
  public List<String> classNames() {
    return classNames;
  }

  /** The same images under a name of their own. */
  EmnistDataset withSource(String name) {
    return new EmnistDataset(images, labels, classNames, name);
  }

  /** What was loaded and from where, for people. */
  public String source() {
    return source;
  }

  /** The class of an image, in {@code [0, classNames().size())}. */
  public int label(int index) {
    return Byte.toUnsignedInt(labels[index]);
  }

  /** The images at these indices as {@code (indices.length, 1, height, width)} in [-1, 1]. */
  public ImageBatch images(int... indices) {
    int pixelsPerImage = height() * width();
    float[] pixels = new float[Math.multiplyExact(indices.length, pixelsPerImage)];
    for (int i = 0; i < indices.length; i++) {
      int from = Objects.checkIndex(indices[i], size()) * pixelsPerImage;
      for (int p = 0; p < pixelsPerImage; p++) {
        int value = Byte.toUnsignedInt(images.pixels()[from + p]);
        // The operations and their order are torchvision's ToTensor and Normalize(0.5, 0.5), as on
        // the device, where DeviceDataset keeps the bytes; a test proves both equal to the bit.
        pixels[i * pixelsPerImage + p] = (value / 255f - 0.5f) / 0.5f;
      }
    }
    return new ImageBatch(pixels, indices.length, 1, height(), width());
  }

  /** All images in their order, {@code batchSize} at a time; the last batch may be smaller. */
  public Stream<ImageBatch> batches(int batchSize) {
    return IntStream.iterate(0, from -> from < size(), from -> from + batchSize)
        .mapToObj(from -> IntStream.range(from, Math.min(from + batchSize, size())).toArray())
        .map(this::images);
  }

  /** All pixels, 0 for paper to 255 for ink: {@code (size, height, width)}, read-only. */
  public ByteBuffer pixels() {
    return ByteBuffer.wrap(images.pixels()).asReadOnlyBuffer();
  }

  /** The indices of all images in the order of an epoch, a function of (seed, epoch) alone. */
  public int[] order(long seed, int epoch) {
    return new CounterRandom(seed, epoch).permutation(size());
  }

  /**
   * The first images of each class: {@code count} in all, balanced over the classes as far as
   * possible, in the order of this data set; this data set itself if it has no more.
   */
  public EmnistDataset limit(int count) {
    if (count < 1) {
      throw new IllegalArgumentException(
          "Expected a limit of at least 1 image, found %s. Pass a positive number."
              .formatted(count));
    }
    if (count >= size()) {
      return this;
    }
    int pixelsPerImage = height() * width();
    ByteBuffer keptPixels = ByteBuffer.allocate(count * pixelsPerImage);
    ByteBuffer keptLabels = ByteBuffer.allocate(count);
    for (int kept : firstOfEachClass(count)) {
      keptLabels.put(labels[kept]);
      keptPixels.put(images.pixels(), kept * pixelsPerImage, pixelsPerImage);
    }
    Idx.Images keptImages = new Idx.Images(count, height(), width(), keptPixels.array());
    String name = "%s, limited to %s images".formatted(source, count);
    return new EmnistDataset(keptImages, keptLabels.array(), classNames, name);
  }

  private int[] firstOfEachClass(int count) {
    int[] seen = new int[classNames.size()];
    // Sorted by rank within the class (upper half), then by index (lower half).
    long[] keys = new long[size()];
    for (int i = 0; i < keys.length; i++) {
      keys[i] = ((long) seen[label(i)]++ << 32) | i;
    }
    Arrays.sort(keys);
    return Arrays.stream(keys, 0, count).mapToInt(key -> (int) key).sorted().toArray();
  }

  /** The first {@code count} images. */
  public ImageBatch first(int count) {
    return images(IntStream.range(0, count).toArray());
  }

  /**
   * The index of the first image of each class, by class.
   *
   * @throws IllegalStateException if a class has no image
   */
  public int[] firstOfEachClass() {
    return IntStream.range(0, classNames.size()).map(this::firstOfClass).toArray();
  }

  private int firstOfClass(int wanted) {
    return IntStream.range(0, size())
        .filter(i -> label(i) == wanted)
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalStateException(
                    "Expected an image of each class, found none of %s in %s. Raise the limit or load other data."
                        .formatted(classNames.get(wanted), source)));
  }

  /**
   * The SHA-256 of size, class names, labels and pixels in hexadecimal: equal for equal content,
   * wherever and however it is stored.
   */
  public String sha256() {
    return new Sha256()
        .add(ByteBuffer.allocate(8).putInt(height()).putInt(width()).array())
        .add(String.join("\n", classNames).getBytes(StandardCharsets.UTF_8))
        .add(labels)
        .add(images.pixels())
        .hex();
  }
}
