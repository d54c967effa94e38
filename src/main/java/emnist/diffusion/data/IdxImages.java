package emnist.diffusion.data;

/**
 * Grey images as stored in an IDX file.
 *
 * @param count number of images
 * @param rows rows of an image
 * @param columns columns of an image
 * @param pixels {@code (count, rows, columns)} unsigned bytes, not copied
 */
public record IdxImages(int count, int rows, int columns, byte[] pixels) {

  public IdxImages {
    if (count < 0 || rows < 1 || columns < 1 || pixels.length != (long) count * rows * columns) {
      throw new IllegalArgumentException(
          "Expected %d x %d x %d pixels, found %d. Pass one byte per pixel."
              .formatted(count, rows, columns, pixels.length));
    }
  }
}
