package emnist.diffusion.image;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;

/**
 * A batch of images in host memory: data sets deliver it, metrics compare it and pictures show it.
 *
 * @param pixels {@code (N, C, H, W)} in row-major order, each in {@code [-1, 1]}; not copied, so
 *     the caller must not change it afterwards
 * @param n number of images, at least 0
 * @param channels channels of an image, at least 1
 * @param height rows of an image, at least 1
 * @param width columns of an image, at least 1
 */
public record ImageBatch(float[] pixels, int n, int channels, int height, int width) {

  public ImageBatch {
    if (n < 0 || channels < 1 || height < 1 || width < 1) {
      throw new IllegalArgumentException(
          "Expected n >= 0 and channels, height, width >= 1, found (%s, %s, %s, %s). Pass the shape as (N, C, H, W)."
              .formatted(n, channels, height, width));
    }
    double expected = (double) n * channels * height * width; // a product of ints may overflow
    if (pixels.length != expected) {
      throw new IllegalArgumentException(
          "Expected %s pixels for shape (%s, %s, %s, %s), found %s. Pass one float per pixel."
              .formatted((long) expected, n, channels, height, width, pixels.length));
    }
  }

  /** Number of pixels of one image: {@code C * H * W}. */
  public int pixelsPerImage() {
    return channels * height * width;
  }

  /** Images {@code from} (inclusive) to {@code to} (exclusive), copied. */
  public ImageBatch slice(int from, int to) {
    Objects.checkFromToIndex(from, to, n);
    return new ImageBatch(
        Arrays.copyOfRange(pixels, from * pixelsPerImage(), to * pixelsPerImage()),
        to - from,
        channels,
        height,
        width);
  }

  /**
   * All images of the batches, one batch after the other.
   *
   * @throws IllegalArgumentException if there is no batch, or their images differ in shape
   */
  public static ImageBatch concat(List<ImageBatch> batches) {
    if (batches.isEmpty()) {
      throw new IllegalArgumentException(
          "Expected at least one batch, found none. Pass the batches to join.");
    }
    ImageBatch first = batches.get(0);
    int n = batches.stream().mapToInt(ImageBatch::n).sum();
    float[] pixels = new float[Math.multiplyExact(n, first.pixelsPerImage())];
    int end = 0;
    for (ImageBatch batch : batches) {
      if (!batch.imageShape().equals(first.imageShape())) {
        throw new IllegalArgumentException(
            "Expected images of shape %s, found %s. Join images of one shape."
                .formatted(first.imageShape(), batch.imageShape()));
      }
      System.arraycopy(batch.pixels, 0, pixels, end, batch.pixels.length);
      end += batch.pixels.length;
    }
    return new ImageBatch(pixels, n, first.channels, first.height, first.width);
  }

  /** These images {@code times} times, one copy of the batch after the other. */
  public ImageBatch repeat(int times) {
    return concat(Collections.nCopies(times, this));
  }

  /**
   * The first images of all batches, then the second ones, and so on: a grid of as many columns has
   * a row for each place and a column for each batch.
   *
   * @throws IllegalArgumentException as {@link #concat}
   */
  public static ImageBatch interleave(List<ImageBatch> batches) {
    int places = batches.stream().mapToInt(ImageBatch::n).min().orElse(0);
    return concat(
        IntStream.range(0, places)
            .boxed()
            .flatMap(place -> batches.stream().map(batch -> batch.slice(place, place + 1)))
            .toList());
  }

  private String imageShape() {
    return "(%s, %s, %s)".formatted(channels, height, width);
  }
}
