package emnist.diffusion.image;

import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;

/** Anti-aliased text on pictures. */
final class Lettering {

  private Lettering() {}

  /** A pen for text on {@code picture}; the caller disposes of it. */
  static Graphics2D on(BufferedImage picture, int fontSizePixels, Color colour) {
    Graphics2D graphics = picture.createGraphics();
    graphics.setRenderingHint(
        RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
    graphics.setFont(new Font(Font.SANS_SERIF, Font.PLAIN, fontSizePixels));
    graphics.setColor(colour);
    return graphics;
  }
}
