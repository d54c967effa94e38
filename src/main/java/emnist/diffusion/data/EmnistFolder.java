package emnist.diffusion.data;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.LowerCamelCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import com.fasterxml.jackson.databind.node.ObjectNode;
import emnist.diffusion.config.Json;
import emnist.diffusion.config.MalformedJson;
import emnist.diffusion.data.EmnistDataset.Orientation;
import java.io.File;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.zip.ZipFile;

/** Finds the files of a split in a folder and loads them. */
record EmnistFolder(Path folder, EmnistSplit split, boolean train) {

  static final String CARD = "dataset.json";

  /** NIST's, and what torchvision and others call it. */
  private static final List<String> ARCHIVES = List.of(EmnistArchive.FILE, "emnist.zip");

  /** {@code downloads/extracted/ZIP.../gzip} is the deepest in use. */
  private static final int MAX_DEPTH = 4;

  /** Once so many files and folders were seen, no other folder is opened. */
  private static final int MAX_ENTRIES = 10_000;

  private static final Pattern FILES =
      Pattern.compile(".*(idx3-ubyte|idx1-ubyte|-mapping-txt|gzip-zip|emnist-zip)");

  /** Folders of data sets whose files have the names of MNIST's. */
  private static final Pattern OTHER_DATA = Pattern.compile(".*(fashion|kmnist).*");

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

    /** The card, if there is one. */
    static Optional<Card> read(Path file) throws IOException {
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
  }

  static EmnistDataset open(Path folder, EmnistSplit split, boolean train) throws IOException {
    if (!Files.isDirectory(folder)) {
      throw new FileNotFoundException(
          "Expected the data in a folder %s, found none. Name an existing folder or download EMNIST into it."
              .formatted(folder));
    }
    EmnistFolder wanted = new EmnistFolder(folder, split, train);
    List<DataFile> files = wanted.files();
    Optional<EmnistDataset> dataset = wanted.load(files);
    for (String name : ARCHIVES) {
      Optional<DataFile> archive = DataFile.nearest(files, name.replace('.', '-'));
      if (dataset.isEmpty() && archive.isPresent()) {
        try (ZipFile zip = EmnistArchive.open(archive.get().path())) {
          dataset = wanted.load(EmnistArchive.files(zip));
        }
      }
    }
    return dataset.orElseThrow(wanted::missing);
  }

  /** The files that may be wanted, level by level. */
  private List<DataFile> files() throws IOException {
    List<DataFile> files = new ArrayList<>();
    Deque<Path> folders = new ArrayDeque<>(List.of(folder));
    int entries = 0;
    while (!folders.isEmpty() && entries < MAX_ENTRIES) {
      Path next = folders.remove();
      boolean isDeepest = next.getNameCount() - folder.getNameCount() == MAX_DEPTH;
      File[] found = next.toFile().listFiles(); // null if it may not be read
      File[] children = found == null ? new File[0] : found;
      Arrays.sort(children);
      entries += children.length;
      for (File child : children) {
        String name = DataFile.plain(child.toPath());
        if (FILES.matcher(name).matches() && child.isFile() && child.canRead()) {
          files.add(DataFile.of(child.toPath()));
        } else if (!isDeepest && !OTHER_DATA.matcher(name).matches() && child.isDirectory()) {
          folders.add(child.toPath());
        }
      }
    }
    return files;
  }

  private FileNotFoundException missing() {
    return new FileNotFoundException(
        "Expected %s(.gz) in %s, among the first %s files up to %s folders below it or in an archive %s there, found none that may be read. Name the folder of EMNIST's files or download EMNIST into it."
            .formatted(
                String.join("(.gz) or ", imagesFiles()),
                folder,
                MAX_ENTRIES,
                MAX_DEPTH,
                String.join(" or ", ARCHIVES)));
  }

  /** The names of the images: EMNIST's, then the original MNIST's. */
  private List<String> imagesFiles() {
    String emnist = split.imagesFile(train);
    String original = (train ? "train" : "t10k") + "-images-idx3-ubyte";
    return split == EmnistSplit.MNIST ? List.of(emnist, original) : List.of(emnist);
  }

  private Optional<EmnistDataset> load(List<DataFile> files) throws IOException {
    for (String name : imagesFiles()) {
      Optional<DataFile> images = DataFile.nearest(files, name);
      if (images.isPresent()) {
        Path place = images.get().place();
        List<DataFile> beside = files.stream().filter(f -> f.place().equals(place)).toList();
        return Optional.of(load(images.get(), labelsOf(name), beside));
      }
    }
    return Optional.empty();
  }

  /** The name of the labels that belong to images. */
  static String labelsOf(String imagesFile) {
    return imagesFile.replace("images-idx3", "labels-idx1");
  }

  private ClassMapping mapping(List<DataFile> beside) throws IOException {
    String name = split.mappingFile().replace('.', '-');
    Optional<DataFile> file = DataFile.nearest(beside, name);
    if (file.isEmpty()) {
      return split.mapping();
    }
    ClassMapping mapping = ClassMapping.read(file.get());
    int found = mapping.names().size();
    if (found != split.classCount()) {
      throw ClassMapping.unexpected(file.get(), split.classCount() + " classes", "" + found);
    }
    return mapping;
  }

  private EmnistDataset load(DataFile images, String labelsFile, List<DataFile> beside)
      throws IOException {
    Optional<DataFile> labels = DataFile.nearest(beside, labelsFile);
    if (labels.isEmpty()) {
      throw new FileNotFoundException(
          "Expected %s(.gz) beside %s, found no such file. Fetch the file again."
              .formatted(labelsFile, images.label()));
    }
    Optional<Card> card = Card.read(images.path().resolveSibling(CARD));
    if (card.isEmpty()) {
      card = Card.read(folder.resolve(CARD));
    }
    boolean isEmnist = labelsFile.startsWith("emnist");
    EmnistDataset dataset =
        EmnistDataset.fromIdx(
            images,
            labels.get(),
            isEmnist ? Orientation.TRANSPOSED : Orientation.UPRIGHT,
            mapping(beside));
    int expected = card.map(c -> train ? c.trainCount() : c.testCount()).orElse(split.count(train));
    if (dataset.size() != expected) {
      String says = card.isPresent() ? "as " + CARD + " says" : "the official count";
      throw new IOException(
          "Expected %s images (%s) in %s, found %s. Fetch the file again, or load a part of EMNIST with EmnistDataset.fromIdx."
              .formatted(expected, says, images.label(), dataset.size()));
    }
    String content = card.map(Card::name).orElse(isEmnist ? "EMNIST " + split : "MNIST");
    String source = "%s, %s, from %s".formatted(content, EmnistSplit.part(train), images.label());
    return dataset.withSource(source);
  }
}
