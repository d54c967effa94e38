package emnist.kernel;

import io.github.spencerpark.jupyter.kernel.display.DisplayData;
import io.github.spencerpark.jupyter.kernel.display.Renderer;
import io.github.spencerpark.jupyter.kernel.display.mime.MIMEType;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.InvocationTargetException;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
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

  private static final int MOST_ROWS = 20;

  private final Renderer renderer;

  Rendering(Renderer renderer) {
    this.renderer = renderer;
    renderer
        .createRegistration(Object.class)
        .preferring(MIMEType.TEXT_PLAIN)
        .register(
            (value, context) ->
                context.renderIfRequested(MIMEType.TEXT_PLAIN, () -> ValueText.of(value)));
  }

  /**
   * Renders a value. One that cannot be drawn comes out as text that says why.
   *
   * @param types the MIME types wanted; if none are given, those that suit the value best
   */
  DisplayData render(Object value, String... types) {
    if (value == null) {
      return new DisplayData("null");
    }
    if (value instanceof DisplayData rendered) {
      return rendered;
    }
    try {
      return draw(value, types);
    } catch (Exception | LinkageError e) {
      Throwable cause = e instanceof InvocationTargetException ? e.getCause() : e;
      return new DisplayData(ValueText.of(value) + "\n(not drawn: " + cause + ")");
    }
  }

  private DisplayData draw(Object value, String... types) throws ReflectiveOperationException {
    if (isA(value.getClass(), CHART)) {
      return draw(pictureOf(value), types);
    }
    if (types.length > 0) {
      DisplayData data = renderer.renderAs(value, types);
      boolean asText = List.of(types).contains("text/plain");
      if (!asText && value instanceof String text) {
        data.putText(ValueText.shorten(text, LONGEST_TEXT)); // HTML with a picture in it
      }
      return data;
    }
    if (value instanceof CharSequence) {
      return new DisplayData(ValueText.of(value));
    }
    if (value instanceof BufferedImage image) {
      return png(image);
    }
    if (isA(value.getClass(), TABLE)) {
      return table(value);
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
    int rows = (int) table.getClass().getMethod("rowCount").invoke(table);
    Object first = table.getClass().getMethod("first", int.class).invoke(table, MOST_ROWS);
    Object writer = table.getClass().getMethod("write").invoke(first);
    String html =
        (String) writer.getClass().getMethod("toString", String.class).invoke(writer, "html");
    if (rows > MOST_ROWS) {
      html += String.format(Locale.ROOT, "\n<p>The first %d of %,d rows</p>", MOST_ROWS, rows);
    }
    DisplayData data = new DisplayData(ValueText.of(table));
    data.putHTML(html);
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
