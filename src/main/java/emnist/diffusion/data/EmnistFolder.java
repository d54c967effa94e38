package emnist.diffusion.data;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Finds the files of a split in a folder and loads them. */
final class EmnistFolder {

  private final EmnistSplit split;
  private final boolean train;
  private final Optional<DatasetCard> card;

  private EmnistFolder(EmnistSplit split, boolean train, Optional<DatasetCard> card) {
    this.split = split;
    this.train = train;
    this.card = card;
  }

  static EmnistDataset open(Path folder, EmnistSplit split, boolean train) throws IOException {
    if (!Files.isDirectory(folder)) {
      throw new FileNotFoundException(
          "Expected the data in a folder %s, found none. Name an existing folder or download EMNIST into it."
              .formatted(folder));
    }
    EmnistFolder wanted = new EmnistFolder(split, train, DatasetCard.read(folder));
    Optional<EmnistDataset> unpacked =
        wanted.load(List.of(folder, folder.resolve(EmnistArchive.FOLDER)));
    if (unpacked.isPresent()) {
      return unpacked.get();
    }
    Path archive = folder.resolve(EmnistArchive.FILE);
    if (Files.isRegularFile(archive)) {
      try (FileSystem zip = EmnistArchive.mount(archive)) {
        return wanted
            .load(List.of(EmnistArchive.root(zip)))
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

  private Optional<EmnistDataset> load(List<Path> folders) throws IOException {
    for (Path folder : folders) {
      Optional<Path> images = find(folder, split.imagesFile(train));
      if (images.isPresent()) {
        return Optional.of(loadEmnist(folder, images.get()));
      }
      Optional<Path> plain = find(folder, plainPart() + "-images-idx3-ubyte");
      if (plain.isPresent() && split == EmnistSplit.MNIST) {
        return Optional.of(loadPlain(folder, plain.get()));
      }
    }
    return Optional.empty();
  }

  private EmnistDataset loadEmnist(Path folder, Path images) throws IOException {
    Path mappingFile = folder.resolve(split.mappingFile());
    ClassMapping mapping = split.mapping();
    if (Files.isRegularFile(mappingFile)) {
      mapping = ClassMapping.read(mappingFile);
      if (mapping.names().size() != split.classCount()) {
        throw new IOException(
            "Expected %d classes in %s, found %d. Restore the file or remove it: without it the split's own names are used."
                .formatted(split.classCount(), Idx.name(mappingFile), mapping.names().size()));
      }
    }
    Path labels = require(folder, split.labelsFile(train));
    return load(images, labels, Orientation.TRANSPOSED, mapping, "EMNIST " + split);
  }

  private EmnistDataset loadPlain(Path folder, Path images) throws IOException {
    Path labels = require(folder, plainPart() + "-labels-idx1-ubyte");
    return load(images, labels, Orientation.UPRIGHT, split.mapping(), "MNIST");
  }

  private String plainPart() {
    return train ? "train" : "t10k";
  }

  private EmnistDataset load(
      Path images, Path labels, Orientation orientation, ClassMapping mapping, String name)
      throws IOException {
    String source =
        "%s, %s, from %s"
            .formatted(
                card.map(DatasetCard::name).orElse(name),
                EmnistSplit.part(train),
                Idx.name(images));
    EmnistDataset dataset = EmnistDataset.fromIdx(images, labels, orientation, mapping, source);
    int expected = card.map(c -> c.count(train)).orElse(split.count(train));
    if (dataset.size() != expected) {
      throw new IOException(
          "Expected %d images (%s) in %s, found %d. Fetch the file again, or load a part of EMNIST with EmnistDataset.fromIdx."
              .formatted(
                  expected,
                  card.isPresent() ? "as " + DatasetCard.FILE + " says" : "the official count",
                  Idx.name(images),
                  dataset.size()));
    }
    return dataset;
  }

  private static Path require(Path folder, String name) throws IOException {
    return find(folder, name)
        .orElseThrow(
            () ->
                new FileNotFoundException(
                    "Expected %s(.gz) beside the images in %s, found no such file. Fetch the file again."
                        .formatted(name, Idx.name(folder))));
  }

  private static Optional<Path> find(Path folder, String name) {
    return Stream.of(folder.resolve(name), folder.resolve(name + ".gz"))
        .filter(Files::isRegularFile)
        .findFirst();
  }
}
