package emnist.diffusion.data;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Finds the files of a split in a folder and loads them. */
record EmnistFolder(EmnistSplit split, boolean train, Optional<DatasetCard> card) {

  static EmnistDataset open(Path folder, EmnistSplit split, boolean train) throws IOException {
    if (!Files.isDirectory(folder)) {
      throw new FileNotFoundException(
          "Expected the data in a folder %s, found none. Name an existing folder or download EMNIST into it."
              .formatted(folder));
    }
    EmnistFolder wanted = new EmnistFolder(split, train, DatasetCard.read(folder));
    for (Path place : new Path[] {folder, folder.resolve(EmnistArchive.FOLDER)}) {
      Optional<EmnistDataset> unpacked = wanted.load(place);
      if (unpacked.isPresent()) {
        return unpacked.get();
      }
    }
    Path archive = folder.resolve(EmnistArchive.FILE);
    if (Files.isRegularFile(archive)) {
      try (FileSystem zip = EmnistArchive.open(archive)) {
        return wanted
            .load(zip.getPath("/", EmnistArchive.FOLDER))
            .orElseThrow(() -> wanted.missing(archive, ""));
      }
    }
    throw wanted.missing(folder, " or " + EmnistArchive.FILE);
  }

  private FileNotFoundException missing(Path place, String alternative) {
    return new FileNotFoundException(
        "Expected %s(.gz)%s in %s, found none. Name the folder of EMNIST's files or download EMNIST into it."
            .formatted(split.imagesFile(train), alternative, place));
  }

  private Optional<EmnistDataset> load(Path folder) throws IOException {
    Optional<Path> images = find(folder, split.imagesFile(train));
    if (images.isPresent()) {
      ClassMapping mapping = mapping(folder);
      Path labels = require(folder, split.labelsFile(train));
      return Optional.of(
          load(images.get(), labels, Orientation.TRANSPOSED, mapping, "EMNIST " + split));
    }
    String part = train ? "train" : "t10k";
    images = find(folder, part + "-images-idx3-ubyte");
    if (images.isPresent() && split == EmnistSplit.MNIST) {
      Path labels = require(folder, part + "-labels-idx1-ubyte");
      return Optional.of(load(images.get(), labels, Orientation.UPRIGHT, split.mapping(), "MNIST"));
    }
    return Optional.empty();
  }

  /** The file, gzipped or not. */
  private static Optional<Path> find(Path folder, String name) throws IOException {
    for (Path file : new Path[] {folder.resolve(name), folder.resolve(name + ".gz")}) {
      if (Files.isRegularFile(file)) {
        return Optional.of(intact(file));
      }
    }
    return Optional.empty();
  }

  /** The file, compared with what its archive says, if it is in one. */
  private static Path intact(Path file) throws IOException {
    if (file.getFileSystem() != FileSystems.getDefault()) {
      EmnistArchive.requireIntact(file);
    }
    return file;
  }

  private static Path require(Path folder, String name) throws IOException {
    return find(folder, name)
        .orElseThrow(
            () ->
                new FileNotFoundException(
                    "Expected %s(.gz) beside the images in %s, found no such file. Fetch the file again."
                        .formatted(name, EmnistArchive.nameOf(folder))));
  }

  private ClassMapping mapping(Path folder) throws IOException {
    Path file = folder.resolve(split.mappingFile());
    if (!Files.isRegularFile(file)) {
      return split.mapping();
    }
    ClassMapping mapping = ClassMapping.read(intact(file));
    int found = mapping.names().size();
    if (found != split.classCount()) {
      throw ClassMapping.unexpected(file, split.classCount() + " classes", "" + found);
    }
    return mapping;
  }

  private EmnistDataset load(
      Path images, Path labels, Orientation orientation, ClassMapping mapping, String name)
      throws IOException {
    String file = EmnistArchive.nameOf(images);
    String source =
        "%s, %s, from %s"
            .formatted(card.map(DatasetCard::name).orElse(name), EmnistSplit.part(train), file);
    EmnistDataset dataset =
        EmnistDataset.fromIdx(images, labels, orientation, mapping).withSource(source);
    int expected = card.map(c -> c.count(train)).orElse(split.count(train));
    if (dataset.size() != expected) {
      throw new IOException(
          "Expected %d images (%s) in %s, found %d. Fetch the file again, or load a part of EMNIST with EmnistDataset.fromIdx."
              .formatted(
                  expected,
                  card.isPresent() ? "as " + DatasetCard.FILE + " says" : "the official count",
                  file,
                  dataset.size()));
    }
    return dataset;
  }
}
