package emnist.diffusion;

import emnist.diffusion.data.BuiltInLetters;
import emnist.diffusion.data.ClassMapping;
import emnist.diffusion.data.EmnistDataset;
import emnist.diffusion.data.Idx;
import java.io.IOException;
import java.nio.file.Path;

/** The first built-in test letters of each class under other class names. */
public final class OtherClasses {

  private OtherClasses() {}

  /** As many images as letters, one each, with a class per character of {@code classes}. */
  public static EmnistDataset of(Path folder, String classes) throws IOException {
    EmnistDataset letters = BuiltInLetters.open(false).limit(26);
    byte[] pixels = new byte[letters.pixels().remaining()];
    letters.pixels().get(pixels);
    byte[] labels = new byte[letters.size()];
    for (int i = 0; i < labels.length; i++) {
      labels[i] = (byte) letters.label(i);
    }
    Path images = folder.resolve("images");
    IdxFiles.writeImages(
        images, new Idx.Images(letters.size(), letters.height(), letters.width(), pixels));
    IdxFiles.writeLabels(folder.resolve("labels"), labels);
    return EmnistDataset.fromIdx(
        images,
        folder.resolve("labels"),
        EmnistDataset.Orientation.UPRIGHT,
        ClassMapping.ofCharacters(0, classes));
  }
}
