package emnist.diffusion.data;

import emnist.diffusion.IdxFiles;
import emnist.diffusion.config.Json;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Small files of the kinds that the package reads. */
final class Fixtures {

  private Fixtures() {}

  /** Images of 2 rows and 3 columns whose pixels count up from 0. */
  static Idx.Images images(int count) {
    byte[] pixels = new byte[count * 6];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (byte) i;
    }
    return new Idx.Images(count, 2, 3, pixels);
  }

  /** A data set of as many images as there are labels, see {@link #images}. */
  static EmnistDataset dataset(Path folder, String classes, int... labels) throws IOException {
    Path imagesFile = folder.resolve("images");
    Path labelsFile = folder.resolve("labels");
    IdxFiles.writeImages(imagesFile, images(labels.length));
    IdxFiles.writeLabels(labelsFile, bytes(labels));
    return EmnistDataset.fromIdx(
        imagesFile,
        labelsFile,
        EmnistDataset.Orientation.UPRIGHT,
        ClassMapping.ofCharacters(0, classes));
  }

  /** The text of a mapping file, for names of one character each. */
  static String text(ClassMapping mapping) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < mapping.names().size(); i++) {
      text.append(mapping.firstLabel() + i).append(' ');
      text.append(mapping.names().get(i).codePointAt(0)).append('\n');
    }
    return text.toString();
  }

  static byte[] bytes(int... values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return bytes;
  }

  /** Both parts of the letters split with so many images. */
  static void writeLetters(Path folder, int count, String suffix) throws IOException {
    Files.createDirectories(folder);
    for (boolean train : new boolean[] {true, false}) {
      IdxFiles.writeImages(
          folder.resolve(EmnistSplit.LETTERS.imagesFile(train) + suffix), images(count));
      byte[] labels = new byte[count];
      for (int i = 0; i < count; i++) {
        labels[i] = (byte) (1 + i % 26);
      }
      IdxFiles.writeLabels(
          folder.resolve(EmnistFolder.labelsOf(EmnistSplit.LETTERS.imagesFile(train)) + suffix),
          labels);
    }
    Files.writeString(
        folder.resolve("emnist-letters-mapping.txt"), text(EmnistSplit.LETTERS.mapping()));
  }

  /** A card that announces so many images in either part. */
  static void writeCard(Path folder, int count) throws IOException {
    Files.writeString(
        folder.resolve(EmnistFolder.CARD),
        Json.write(new EmnistFolder.Card("a few letters", count, count)) + "\n");
  }

  /** An archive with every file of a folder under {@code gzip/}, as NIST's. */
  static void zip(Path folder, Path archive) throws IOException {
    zip(folder, archive, "gzip/");
  }

  static void zip(Path folder, Path archive, String prefix) throws IOException {
    try (OutputStream out = Files.newOutputStream(archive);
        ZipOutputStream zip = new ZipOutputStream(out)) {
      for (Map.Entry<String, byte[]> file : contents(folder).entrySet()) {
        zip.putNextEntry(new ZipEntry(prefix + file.getKey()));
        zip.write(file.getValue());
      }
    }
  }

  /** What a folder's files hold, by name. */
  static Map<String, byte[]> contents(Path folder) throws IOException {
    Map<String, byte[]> contents = new TreeMap<>();
    try (var files = Files.newDirectoryStream(folder, Files::isRegularFile)) {
      for (Path file : files) {
        contents.put(file.getFileName().toString(), Files.readAllBytes(file));
      }
    }
    return contents;
  }
}
