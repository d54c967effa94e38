package emnist.diffusion.data;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
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
    for (Path place : List.of(folder, folder.resolve(EmnistArchive.FOLDER))) {
      Optional<EmnistDataset> unpacked = wanted.load(place);
      if (unpacked.isPresent()) {
        return unpacked.get();
      }
    }
    Path archive = folder.resolve(EmnistArchive.FILE);
    if (!Files.isRegularFile(archive)) {
      throw wanted.missing(folder, " or " + EmnistArchive.FILE);
    }
    try (FileSystem zip = EmnistArchive.open(archive)) {
      Path place = zip.getPath("/", EmnistArchive.FOLDER);
      return wanted.load(place).orElseThrow(() -> wanted.missing(archive, ""));
    }
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
      String labels = split.labelsFile(train);
      return Optional.of(
          load(images.get(), labels, Orientation.TRANSPOSED, mapping, "EMNIST " + split));
    }
    String part = train ? "train" : "t10k";
    images = find(folder, part + "-images-idx3-ubyte");
    if (images.isPresent() && split == EmnistSplit.MNIST) {
      String labels = part + "-labels-idx1-ubyte";
      return Optional.of(load(images.get(), labels, Orientation.UPRIGHT, split.mapping(), "MNIST"));
    }
    return Optional.empty();
  }

  /** The file, gzipped or not. */
  private static Optional<Path> find(Path folder, String name) throws IOException {
    for (Path file : List.of(folder.resolve(name), folder.resolve(name + ".gz"))) {
      if (Files.isRegularFile(file)) {
        EmnistArchive.requireIntact(file);
        return Optional.of(file);
      }
    }
    return Optional.empty();
  }

  private ClassMapping mapping(Path folder) throws IOException {
    Path file = folder.resolve(split.mappingFile());
    if (!Files.isRegularFile(file)) {
      return split.mapping();
    }
    EmnistArchive.requireIntact(file);
    ClassMapping mapping = ClassMapping.read(file);
    int found = mapping.names().size();
    if (found != split.classCount()) {
      throw ClassMapping.unexpected(file, split.classCount() + " classes", "" + found);
    }
    return mapping;
  }

  private EmnistDataset load(
      Path images, String labelsName, Orientation orientation, ClassMapping mapping, String name)
      throws IOException {
    Path folder = images.getParent();
    Optional<Path> labels = find(folder, labelsName);
    if (labels.isEmpty()) {
      throw new FileNotFoundException(
          "Expected %s(.gz) beside the images in %s, found no such file. Fetch the file again."
              .formatted(labelsName, EmnistArchive.nameOf(folder)));
    }
    EmnistDataset dataset = EmnistDataset.fromIdx(images, labels.get(), orientation, mapping);
    String file = EmnistArchive.nameOf(images);
    int expected = card.map(c -> c.count(train)).orElse(split.count(train));
    if (dataset.size() != expected) {
      String says = card.isPresent() ? "as " + DatasetCard.FILE + " says" : "the official count";
      throw new IOException(
          "Expected %d images (%s) in %s, found %d. Fetch the file again, or load a part of EMNIST with EmnistDataset.fromIdx."
              .formatted(expected, says, file, dataset.size()));
    }
    String content = card.map(DatasetCard::name).orElse(name);
    return dataset.withSource("%s, %s, from %s".formatted(content, EmnistSplit.part(train), file));
  }
}
