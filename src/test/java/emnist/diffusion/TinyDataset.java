package emnist.diffusion;

import emnist.diffusion.data.ClassMapping;
import emnist.diffusion.data.EmnistDataset;
import emnist.diffusion.data.Idx;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Random;

/** Images of noise in two classes, the same at every call. */
public final class TinyDataset {

  private TinyDataset() {}

  /** Writes them into a folder and opens them. */
  public static EmnistDataset create(Path folder, int count, int side) throws IOException {
    byte[] pixels = new byte[count * side * side];
    new Random(0).nextBytes(pixels);
    byte[] labels = new byte[count];
    for (int i = 0; i < count; i++) {
      labels[i] = (byte) (i % 2);
    }
    Path images = folder.resolve("images-" + side);
    Path classes = folder.resolve("labels-" + side);
    IdxFiles.writeImages(images, new Idx.Images(count, side, side, pixels));
    IdxFiles.writeLabels(classes, labels);
    return EmnistDataset.fromIdx(
        images, classes, EmnistDataset.Orientation.UPRIGHT, ClassMapping.ofCharacters(0, "AB"));
  }
}
