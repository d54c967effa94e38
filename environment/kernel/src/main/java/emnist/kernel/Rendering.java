package emnist.kernel;

import io.github.spencerpark.jupyter.kernel.display.DisplayData;
import io.github.spencerpark.jupyter.kernel.display.Renderer;
import io.github.spencerpark.jupyter.kernel.display.mime.MIMEType;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import javax.imageio.ImageIO;

/**
 * Renders values for the notebook: images and XChart charts as PNG, Tablesaw tables as HTML, and
 * everything as text.
 *
 * <p>The two libraries are called by reflection, through the value's own class loader. So the
 * kernel does not depend on them, and also finds versions loaded by {@code %jars}.
 */
final class Rendering {

  private static final String CHART = "org.knowm.xchart.internal.chartpart.Chart";
  private static final String TABLE = "tech.tablesaw.api.Table";

  /** A longer text is not kept beside the form that is shown. */
  private static final int LONGEST_TEXT = 1000;

  private final Renderer renderer;

  Rendering(Renderer renderer) {
    this.renderer = renderer;
  }

  /**
   * Renders a value.
   *
   * @param types the MIME types wanted; if none are given, those that suit the value best
   */
  DisplayData render(Object value, String... types) {
    if (value == null) {
      return new DisplayData("null");
    }
    try {
      if (isA(value.getClass(), CHART)) {
        return render(pictureOf(value), types);
      }
      if (types.length > 0) {
        DisplayData data = renderer.renderAs(value, types);
        boolean asText = List.of(types).contains("text/plain");
        if (!asText && value instanceof String text && text.length() > LONGEST_TEXT) {
          data.putText(text.substring(0, LONGEST_TEXT) + "…"); // HTML with a picture in it
        }
        return data;
      }
      if (value instanceof BufferedImage image) {
        return png(image);
      }
      if (isA(value.getClass(), TABLE)) {
        return table(value);
      }
    } catch (ReflectiveOperationException e) {
      return new DisplayData(value + "\n(not drawn: " + e + ")");
    }
    if (value.getClass().isArray()) {
      String text = Arrays.deepToString(new Object[] {value});
      return new DisplayData(text.substring(1, text.length() - 1));
    }
    return renderer.render(value);
  }

  private static boolean isA(Class<?> type, String name) {
    for (Class<?> c = type; c != null; c = c.getSuperclass()) {
      if (c.getName().equals(name)) {
        return true;
      }
    }
    return false;
  }

  private static BufferedImage pictureOf(Object chart) throws ReflectiveOperationException {
    ClassLoader loader = chart.getClass().getClassLoader();
    return (BufferedImage)
        Class.forName("org.knowm.xchart.BitmapEncoder", true, loader)
            .getMethod("getBufferedImage", Class.forName(CHART, true, loader))
            .invoke(null, chart);
  }

  private static DisplayData table(Object table) throws ReflectiveOperationException {
    Object writer = table.getClass().getMethod("write").invoke(table);
    DisplayData data = new DisplayData(table.toString());
    data.putHTML(
        (String) writer.getClass().getMethod("toString", String.class).invoke(writer, "html"));
    return data;
  }

  private static DisplayData png(BufferedImage image) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      ImageIO.write(image, "png", bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    // The image's own toString() contains a hash that differs from run to run.
    DisplayData data = new DisplayData(image.getWidth() + "x" + image.getHeight() + " picture");
    data.putData(MIMEType.IMAGE_PNG, Base64.getEncoder().encodeToString(bytes.toByteArray()));
    return data;
  }
}
