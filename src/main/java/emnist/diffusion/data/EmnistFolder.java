package emnist.diffusion.data;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.LowerCamelCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import com.fasterxml.jackson.databind.node.ObjectNode;
import emnist.diffusion.config.Json;
import emnist.diffusion.config.MalformedJson;
import emnist.diffusion.data.EmnistDataset.Orientation;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Finds the files of a split in a folder and loads them. */
record EmnistFolder(EmnistSplit split, boolean train, Optional<Card> card) {

  static final String CARD = "dataset.json";

  /**
   * What a folder in EMNIST's layout says about itself when it is not the official EMNIST: what its
   * images are, settings included, and how many. Without a card the official counts must be met.
   */
  @JsonNaming(LowerCamelCaseStrategy.class)
  record Card(String name, int trainCount, int testCount) {

    Card {
      int fewest = Math.min(trainCount, testCount);
      if (name == null || fewest < 1) {
        throw new IllegalArgumentException(name == null ? "no name" : fewest + " images");
      }
    }

    /** The card in a folder, if it has one. */
    static Optional<Card> read(Path folder) throws IOException {
      Path file = folder.resolve(CARD);
      if (!Files.isRegularFile(file)) {
        return Optional.empty();
      }
      try {
        ObjectNode json = Json.object(Json.parse(file));
        return Optional.of(Json.read(json.retain("name", "trainCount", "testCount"), Card.class));
      } catch (MalformedJson | IllegalArgumentException e) {
        throw new IOException(
            "Expected a JSON object with name, trainCount and testCount in %s, found %s. Correct the file or remove it: without it the official counts must be met."
                .formatted(file, e.getMessage()),
            e);
      }
    }

    int count(boolean train) {
      return train ? trainCount : testCount;
    }
  }

  static EmnistDataset open(Path folder, EmnistSplit split, boolean train) throws IOException {
    if (!Files.isDirectory(folder)) {
      throw new FileNotFoundException(
          "Expected the data in a folder %s, found none. Name an existing folder or download EMNIST into it."
              .formatted(folder));
    }
    EmnistFolder wanted = new EmnistFolder(split, train, Card.read(folder));
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
    String images = split.imagesFile(train);
    Optional<EmnistDataset> emnist =
        load(folder, images, Orientation.TRANSPOSED, "EMNIST " + split);
    String original = (train ? "train" : "t10k") + "-images-idx3-ubyte";
    return emnist.isPresent() || split != EmnistSplit.MNIST
        ? emnist
        : load(folder, original, Orientation.UPRIGHT, "MNIST");
  }

  /** The name of the labels that belong to images. */
  static String labelsOf(String imagesFile) {
    return imagesFile.replace("images-idx3", "labels-idx1");
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

  private Optional<EmnistDataset> load(
      Path folder, String imagesFile, Orientation orientation, String name) throws IOException {
    Optional<Path> images = find(folder, imagesFile);
    if (images.isEmpty()) {
      return Optional.empty();
    }
    String labelsFile = labelsOf(imagesFile);
    Optional<Path> labels = find(folder, labelsFile);
    if (labels.isEmpty()) {
      throw new FileNotFoundException(
          "Expected %s(.gz) beside the images in %s, found no such file. Fetch the file again."
              .formatted(labelsFile, EmnistArchive.nameOf(folder)));
    }
    EmnistDataset dataset =
        EmnistDataset.fromIdx(images.get(), labels.get(), orientation, mapping(folder));
    String file = EmnistArchive.nameOf(images.get());
    int expected = card.map(c -> c.count(train)).orElse(split.count(train));
    if (dataset.size() != expected) {
      String says = card.isPresent() ? "as " + CARD + " says" : "the official count";
      throw new IOException(
          "Expected %s images (%s) in %s, found %s. Fetch the file again, or load a part of EMNIST with EmnistDataset.fromIdx."
              .formatted(expected, says, file, dataset.size()));
    }
    String content = card.map(Card::name).orElse(name);
    String source = "%s, %s, from %s".formatted(content, EmnistSplit.part(train), file);
    return Optional.of(dataset.withSource(source));
  }
}
