package emnist.diffusion.checkpoint;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The safetensors files of a folder that together hold the weights of one network, under the names
 * that diffusers' {@code save_pretrained} and accelerate's {@code save_state} give them.
 *
 * @param files in the order in which the index names them
 * @param ignored names of pickles, and of safetensors files of other networks, beside them
 */
record WeightFiles(List<Path> files, List<String> ignored) {

  /** diffusers' name for the weights without its extension, and accelerate's. */
  private static final List<String> STEMS = List.of("diffusion_pytorch_model", "model");

  static final String EXTENSION = ".safetensors";
  private static final Pattern PICKLE = Pattern.compile(".+\\.(bin|pt|pth|ckpt|pkl)");

  /**
   * Finds the files.
   *
   * @param path a folder, or the only file
   * @throws IllegalArgumentException if there are no weights, only pickled ones, or several
   *     variants of them, or if a shard or its index is not sound
   */
  static WeightFiles of(Path path) throws IOException {
    if (Files.isRegularFile(path)) {
      refusePickles(path.toAbsolutePath().getParent(), List.of(path.getFileName().toString()));
      return new WeightFiles(List.of(path), List.of());
    }
    List<String> names = names(path);
    Path main = path.resolve(main(path, names));
    List<Path> files = main.toString().endsWith(EXTENSION) ? List.of(main) : ShardIndex.read(main);
    List<String> ignored =
        names.stream()
            .filter(name -> name.endsWith(EXTENSION) || PICKLE.matcher(name).matches())
            .filter(name -> !files.contains(path.resolve(name)))
            .toList();
    return new WeightFiles(files, ignored);
  }

  /**
   * Whether there are weights in the folder.
   *
   * @throws IllegalArgumentException if there are only pickled ones
   */
  static boolean existIn(Path folder) throws IOException {
    List<String> names = names(folder);
    boolean exist = STEMS.stream().anyMatch(stem -> !candidates(names, stem).isEmpty());
    if (!exist) {
      refusePickles(folder, names);
    }
    return exist;
  }

  private static List<String> names(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> children = Files.list(folder)) {
      return children
          .filter(Files::isRegularFile)
          .map(child -> child.getFileName().toString())
          .sorted()
          .toList();
    }
  }

  /** The file to begin with: the weights, or the index of their shards. */
  private static String main(Path folder, List<String> names) {
    for (String stem : STEMS) {
      List<String> candidates = candidates(names, stem);
      if (candidates.size() == 1) {
        return candidates.get(0);
      }
      if (!candidates.isEmpty()) {
        throw new IllegalArgumentException(
            "Expected one network in %s, found %s. Name the file to read."
                .formatted(folder, String.join(", ", candidates)));
      }
    }
    refusePickles(folder, names);
    throw new IllegalArgumentException(
        "Expected a safetensors file at %s, found none. Check the path."
            .formatted(folder.resolve(STEMS.get(0) + EXTENSION)));
  }

  /** The index if there is one, else the file, else all variants such as {@code fp16}. */
  private static List<String> candidates(List<String> names, String stem) {
    String file = stem + EXTENSION;
    for (String name : List.of(file + ".index.json", file)) {
      if (names.contains(name)) {
        return List.of(name);
      }
    }
    Pattern variant =
        Pattern.compile(stem + "(\\.\\w+\\.safetensors|\\.safetensors\\.index\\.\\w+\\.json)");
    return names.stream().filter(variant.asMatchPredicate()).toList();
  }

  private static void refusePickles(Path folder, List<String> names) {
    List<String> pickles = names.stream().filter(PICKLE.asMatchPredicate()).toList();
    if (!pickles.isEmpty()) {
      throw new IllegalArgumentException(
          "Expected %s in %s, found %s, %s, which could run any program. Save it again with safe_serialization=True."
              .formatted(
                  STEMS.get(0) + EXTENSION,
                  folder,
                  String.join(", ", pickles),
                  pickles.size() == 1 ? "a pickle" : "pickles"));
    }
  }
}
