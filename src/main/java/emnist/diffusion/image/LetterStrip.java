package emnist.diffusion.image;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.Image;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.util.List;

/**
 * A strip with one image per label side by side, such as the letters A to Z: tiles of 200 x 200
 * pixels, so 26 of them make a picture of 5200 x 200.
 */
public final class LetterStrip {

  /** Edge of a tile. */
  public static final int TILE_PIXELS = 200;

  private static final int LABEL_FONT_SIZE = 18;
  private static final int CAPTION_FONT_SIZE = 14;
  private static final int MARGIN = 6;
  private static final Color LETTERING = new Color(0xFFB300);

  private LetterStrip() {}

  /**
   * Draws the strip.
   *
   * @param images grey or RGB images, enlarged smoothly
   * @param labels what each image should show, in small print in its tile's upper left corner
   * @param caption how the images were chosen, in small print along the lower edge; may be empty
   * @throws IllegalArgumentException if there is not one label per image, or the images are neither
   *     grey nor RGB
   */
  public static BufferedImage draw(ImageBatch images, List<String> labels, String caption) {
    if (images.n() == 0 || labels.size() != images.n()) {
      throw new IllegalArgumentException(
          "Expected at least one image and a label for each, found %s images and %s labels. Pass one image per label."
              .formatted(images.n(), labels.size()));
    }
    BufferedImage strip =
        new BufferedImage(images.n() * TILE_PIXELS, TILE_PIXELS, BufferedImage.TYPE_INT_RGB);
    Graphics2D pen = Lettering.on(strip, LABEL_FONT_SIZE, LETTERING);
    pen.setRenderingHint(
        RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BICUBIC);
    for (int i = 0; i < images.n(); i++) {
      pen.drawImage(
          Pixels.toPicture(images, i), i * TILE_PIXELS, 0, TILE_PIXELS, TILE_PIXELS, null);
    }
    for (int i = 0; i < labels.size(); i++) {
      pen.drawString(
          labels.get(i), i * TILE_PIXELS + MARGIN, MARGIN + pen.getFontMetrics().getAscent());
    }
    pen.setFont(pen.getFont().deriveFont((float) CAPTION_FONT_SIZE));
    pen.drawString(caption, MARGIN, TILE_PIXELS - MARGIN);
    pen.dispose();
    return strip;
  }

  /** Strips one below the other, a quarter as large: what fits a notebook. */
  public static BufferedImage overview(List<BufferedImage> strips) {
    int width = strips.stream().mapToInt(BufferedImage::getWidth).max().orElse(1) / 4;
    int height = TILE_PIXELS / 4;
    BufferedImage overview =
        new BufferedImage(width, height * strips.size(), BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = overview.createGraphics();
    for (int i = 0; i < strips.size(); i++) {
      Image reduced = strips.get(i).getScaledInstance(width, height, Image.SCALE_AREA_AVERAGING);
      graphics.drawImage(reduced, 0, i * height, null);
    }
    graphics.dispose();
    return overview;
  }
}
