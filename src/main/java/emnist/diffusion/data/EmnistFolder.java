package emnist.diffusion.data;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Function;

/** Finds the files of a split in a folder and loads them. */
final class EmnistFolder {

  /**
   * Where files may lie.
   *
   * @param name for messages
   * @param files the file of a name, if there is one
   */
  private record Place(String name, Function<String, Optional<DataFile>> files) {

    private static Place of(Path folder) {
      return new Place(
          folder.toString(),
          name -> Optional.of(folder.resolve(name)).filter(Files::isRegularFile).map(DataFile::of));
    }

    /** The file, gzipped or not. */
    private Optional<DataFile> find(String name) {
      return files.apply(name).or(() -> files.apply(name + ".gz"));
    }

    private DataFile require(String name) throws IOException {
      return find(name)
          .orElseThrow(
              () ->
                  new FileNotFoundException(
                      "Expected %s(.gz) beside the images in %s, found no such file. Fetch the file again."
                          .formatted(name, this.name)));
    }
  }

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
        wanted.load(Place.of(folder), Place.of(folder.resolve(EmnistArchive.FOLDER)));
    if (unpacked.isPresent()) {
      return unpacked.get();
    }
    Path archive = folder.resolve(EmnistArchive.FILE);
    if (Files.isRegularFile(archive)) {
      try (EmnistArchive zip = EmnistArchive.open(archive)) {
        return wanted
            .load(new Place(archive + "!/" + EmnistArchive.FOLDER, zip::find))
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

  private Optional<EmnistDataset> load(Place... places) throws IOException {
    for (Place place : places) {
      Optional<DataFile> images = place.find(split.imagesFile(train));
      if (images.isPresent()) {
        return Optional.of(loadEmnist(place, images.get()));
      }
      Optional<DataFile> plain = place.find(plainPart() + "-images-idx3-ubyte");
      if (plain.isPresent() && split == EmnistSplit.MNIST) {
        return Optional.of(loadPlain(place, plain.get()));
      }
    }
    return Optional.empty();
  }

  private EmnistDataset loadEmnist(Place place, DataFile images) throws IOException {
    Optional<DataFile> mappingFile = place.files().apply(split.mappingFile());
    ClassMapping mapping = split.mapping();
    if (mappingFile.isPresent()) {
      mapping = ClassMapping.read(mappingFile.get());
      if (mapping.names().size() != split.classCount()) {
        throw new IOException(
            "Expected %d classes in %s, found %d. Restore the file or remove it: without it the split's own names are used."
                .formatted(split.classCount(), mappingFile.get().name(), mapping.names().size()));
      }
    }
    DataFile labels = place.require(split.labelsFile(train));
    return load(images, labels, Orientation.TRANSPOSED, mapping, "EMNIST " + split);
  }

  private EmnistDataset loadPlain(Place place, DataFile images) throws IOException {
    DataFile labels = place.require(plainPart() + "-labels-idx1-ubyte");
    return load(images, labels, Orientation.UPRIGHT, split.mapping(), "MNIST");
  }

  private String plainPart() {
    return train ? "train" : "t10k";
  }

  private EmnistDataset load(
      DataFile images, DataFile labels, Orientation orientation, ClassMapping mapping, String name)
      throws IOException {
    String source =
        "%s, %s, from %s"
            .formatted(
                card.map(DatasetCard::name).orElse(name), EmnistSplit.part(train), images.name());
    EmnistDataset dataset = EmnistDataset.fromIdx(images, labels, orientation, mapping, source);
    int expected = card.map(c -> c.count(train)).orElse(split.count(train));
    if (dataset.size() != expected) {
      throw new IOException(
          "Expected %d images (%s) in %s, found %d. Fetch the file again, or load a part of EMNIST with EmnistDataset.fromIdx."
              .formatted(
                  expected,
                  card.isPresent() ? "as " + DatasetCard.FILE + " says" : "the official count",
                  images.name(),
                  dataset.size()));
    }
    return dataset;
  }
}
