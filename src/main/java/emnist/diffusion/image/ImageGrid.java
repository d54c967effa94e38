package emnist.diffusion.image;

import java.awt.Color;
import java.awt.FontMetrics;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.util.List;

/**
 * A picture of many images in rows and columns on a white page, filled row by row. Each pixel is
 * enlarged to a square, so that it can be seen.
 *
 * @param columns number of images in a row, at least 1
 * @param scale edge of the square drawn for each pixel, at least 1
 * @param padding white pixels between images, at least 0
 * @param rowCaptions written to the left of the rows; empty for none, else one per row
 * @param columnCaptions written above the columns; empty for none, else one per column
 */
public record ImageGrid(
    int columns, int scale, int padding, List<String> rowCaptions, List<String> columnCaptions) {

  private static final int FONT_SIZE = 12;
  private static final int CAPTION_GAP = 4;

  public ImageGrid {
    requireAtLeast(1, columns, "columns");
    requireAtLeast(1, scale, "scale");
    requireAtLeast(0, padding, "padding");
    rowCaptions = List.copyOf(rowCaptions);
    columnCaptions = List.copyOf(columnCaptions);
    requireCaptions(columns, columnCaptions, "column");
  }

  /** A grid of this many columns, with images enlarged four times and thin gaps. */
  public static ImageGrid ofColumns(int columns) {
    return new ImageGrid(columns, 4, 2, List.of(), List.of());
  }

  /** This grid with pixels of this size. */
  public ImageGrid withScale(int scale) {
    return new ImageGrid(columns, scale, padding, rowCaptions, columnCaptions);
  }

  /** This grid with captions to the left of its rows. */
  public ImageGrid withRowCaptions(List<String> rowCaptions) {
    return new ImageGrid(columns, scale, padding, rowCaptions, columnCaptions);
  }

  /** This grid with captions above its columns. */
  public ImageGrid withColumnCaptions(List<String> columnCaptions) {
    return new ImageGrid(columns, scale, padding, rowCaptions, columnCaptions);
  }

  /**
   * Draws grey or RGB images; the last row may have empty places.
   *
   * @throws IllegalArgumentException if there are no images, they are neither grey nor RGB, or
   *     there is not one caption per row
   */
  public BufferedImage draw(ImageBatch images) {
    requireAtLeast(1, images.n(), "a number of images");
    int rows = (images.n() + columns - 1) / columns;
    requireCaptions(rows, rowCaptions, "row");
    Layout layout =
        new Layout(
            rowCaptions.isEmpty() ? padding : padding + CAPTION_GAP + widestRowCaption(),
            columnCaptions.isEmpty() ? padding : FONT_SIZE + 2 * CAPTION_GAP,
            images.width() * scale,
            images.height() * scale,
            padding);
    BufferedImage picture =
        new BufferedImage(layout.x(columns), layout.y(rows), BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = Lettering.on(picture, FONT_SIZE, Color.BLACK);
    graphics.setBackground(Color.WHITE);
    graphics.clearRect(0, 0, picture.getWidth(), picture.getHeight());
    for (int i = 0; i < images.n(); i++) {
      graphics.drawImage(
          Pixels.toPicture(images, i),
          layout.x(i % columns),
          layout.y(i / columns),
          layout.tileWidth(),
          layout.tileHeight(),
          null);
    }
    drawCaptions(graphics, layout);
    graphics.dispose();
    return picture;
  }

  /** Where the tiles lie: the corner of the first one and their size. */
  private record Layout(int left, int top, int tileWidth, int tileHeight, int padding) {

    int x(int column) {
      return left + column * (tileWidth + padding);
    }

    int y(int row) {
      return top + row * (tileHeight + padding);
    }
  }

  private void drawCaptions(Graphics2D graphics, Layout layout) {
    FontMetrics metrics = graphics.getFontMetrics();
    int belowMiddle = (metrics.getAscent() - metrics.getDescent()) / 2;
    for (int row = 0; row < rowCaptions.size(); row++) {
      int middle = layout.y(row) + layout.tileHeight() / 2;
      graphics.drawString(rowCaptions.get(row), padding, middle + belowMiddle);
    }
    for (int column = 0; column < columnCaptions.size(); column++) {
      String caption = columnCaptions.get(column);
      int middle = layout.x(column) + layout.tileWidth() / 2;
      graphics.drawString(
          caption,
          middle - metrics.stringWidth(caption) / 2,
          CAPTION_GAP + FONT_SIZE / 2 + belowMiddle);
    }
  }

  private int widestRowCaption() {
    BufferedImage scratch = new BufferedImage(1, 1, BufferedImage.TYPE_INT_RGB);
    FontMetrics metrics = Lettering.on(scratch, FONT_SIZE, Color.BLACK).getFontMetrics();
    return rowCaptions.stream().mapToInt(metrics::stringWidth).max().orElse(0);
  }

  private static void requireAtLeast(int least, int found, String what) {
    if (found < least) {
      throw new IllegalArgumentException(
          "Expected %s of at least %s, found %s. Pass a larger number."
              .formatted(what, least, found));
    }
  }

  private static void requireCaptions(int expected, List<String> captions, String what) {
    if (!captions.isEmpty() && captions.size() != expected) {
      throw new IllegalArgumentException(
          "Expected a caption for each of the %s %ss, found %s. Pass one per %s or none."
              .formatted(expected, what, captions.size(), what));
    }
  }
}
