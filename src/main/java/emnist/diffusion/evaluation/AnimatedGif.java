package emnist.diffusion.evaluation;

import com.madgag.gif.fmsware.AnimatedGifEncoder;
import emnist.diffusion.files.AtomicFiles;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import javax.imageio.ImageIO;

/** Moving pictures, such as letters that come out of noise. */
public final class AnimatedGif {

  private static final int FRAME_MILLIS = 80;
  private static final int LAST_FRAME_MILLIS = 2000;
  private static final int FOREVER = 0;

  private AnimatedGif() {}

  /**
   * Writes a picture that repeats without end, 12 frames a second, with a pause at the last frame;
   * replaces the file completely or not at all.
   *
   * @param frames of one size
   * @throws IllegalArgumentException if there is no frame
   */
  public static void write(Path file, List<BufferedImage> frames) throws IOException {
    if (frames.isEmpty()) {
      throw new IllegalArgumentException(
          "Expected at least one frame, found none. Pass the pictures to show.");
    }
    AtomicFiles.writeFile(
        file,
        partial -> {
          try (OutputStream out = Files.newOutputStream(partial)) {
            encode(out, frames);
          }
        });
  }

  private static void encode(OutputStream out, List<BufferedImage> frames) throws IOException {
    AnimatedGifEncoder encoder = new AnimatedGifEncoder();
    encoder.start(out);
    encoder.setRepeat(FOREVER);
    boolean written = true;
    for (int i = 0; i < frames.size(); i++) {
      encoder.setDelay(i < frames.size() - 1 ? FRAME_MILLIS : LAST_FRAME_MILLIS);
      written &= encoder.addFrame(frames.get(i));
    }
    if (!(encoder.finish() && written)) {
      throw new IOException("The frames could not be encoded.");
    }
  }

  /**
   * The picture as HTML that contains it, twice as large, for a notebook's {@code display(html,
   * "text/html")}.
   */
  public static String html(Path file) throws IOException {
    byte[] gif = Files.readAllBytes(file);
    String data = Base64.getEncoder().encodeToString(gif);
    int width = 2 * ImageIO.read(new ByteArrayInputStream(gif)).getWidth();
    return "<img alt=\"%s\" width=\"%s\" style=\"image-rendering: pixelated\" src=\"data:image/gif;base64,%s\">"
        .formatted(file.getFileName(), width, data);
  }
}
