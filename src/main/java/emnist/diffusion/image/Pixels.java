package emnist.diffusion.image;

import java.awt.image.BufferedImage;
import java.util.Objects;

/** Converts pixels in {@code [-1, 1]} to those of a picture, as diffusers' pipelines do. */
public final class Pixels {

  private Pixels() {}

  /**
   * The brightness {@code 0..255} of a pixel: -1 is black and 1 is white; values outside are
   * clipped, and halves are rounded to even.
   */
  public static int toUnsignedByte(float pixel) {
    float unit = Math.max(0, Math.min(1, pixel / 2 + 0.5f));
    return (int) Math.rint(unit * 255);
  }

  /**
   * One image of a batch as an RGB picture of the same size.
   *
   * @throws IllegalArgumentException if the images are neither grey (1 channel) nor RGB (3)
   * @throws IndexOutOfBoundsException if there is no such image
   */
  public static BufferedImage toPicture(ImageBatch images, int index) {
    if (images.channels() != 1 && images.channels() != 3) {
      throw new IllegalArgumentException(
          "Expected images of 1 (grey) or 3 (RGB) channels, found %s. Draw each channel as a grey image."
              .formatted(images.channels()));
    }
    Objects.checkIndex(index, images.n());
    int planeSize = images.height() * images.width();
    int start = index * images.pixelsPerImage();
    int green = images.channels() == 3 ? planeSize : 0;
    BufferedImage picture =
        new BufferedImage(images.width(), images.height(), BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < planeSize; i++) {
      int rgb =
          toUnsignedByte(images.pixels()[start + i]) << 16
              | toUnsignedByte(images.pixels()[start + green + i]) << 8
              | toUnsignedByte(images.pixels()[start + 2 * green + i]);
      picture.setRGB(i % images.width(), i / images.width(), rgb);
    }
    return picture;
  }
}
