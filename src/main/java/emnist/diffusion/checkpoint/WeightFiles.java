package emnist.diffusion.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import emnist.diffusion.config.Json;
import emnist.diffusion.config.MalformedJson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The safetensors files of a folder that together hold the weights of one network, under the names
 * that diffusers' {@code save_pretrained} and accelerate's {@code save_state} give them.
 *
 * @param files in the order in which the index names them
 * @param ignored names of pickles, said to be such, and of other safetensors files beside them
 */
record WeightFiles(List<Path> files, List<String> ignored) {

  /** diffusers' name for the weights without its extension, and accelerate's. */
  private static final List<String> STEMS = List.of("diffusion_pytorch_model", "model");

  private static final String EXTENSION = ".safetensors";
  private static final Pattern PICKLE = Pattern.compile(".+\\.(bin|pt|pth|ckpt|pkl)");
  private static final Pattern ELSEWHERE = Pattern.compile("[/\\\\:\\p{Cntrl}]|\\.\\.");

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
    List<String> candidates = candidates(path, names);
    if (candidates.size() != 1) {
      throw new IllegalArgumentException(
          candidates.isEmpty()
              ? "Expected a safetensors file at %s, found none. Check the path."
                  .formatted(path.resolve(STEMS.get(0) + EXTENSION))
              : "Expected one network in %s, found %s. Name the file to read."
                  .formatted(path, String.join(", ", candidates)));
    }
    Path found = path.resolve(candidates.get(0));
    List<Path> files = found.toString().endsWith(EXTENSION) ? List.of(found) : shards(found);
    List<String> ignored =
        names.stream()
            .filter(name -> name.endsWith(EXTENSION) || PICKLE.matcher(name).matches())
            .filter(name -> !files.contains(path.resolve(name)))
            .map(name -> name.endsWith(EXTENSION) ? name : name + " (a pickle)")
            .toList();
    return new WeightFiles(files, ignored);
  }

  /** Whether there are weights in the folder; refuses one with pickles only. */
  static boolean existIn(Path folder) throws IOException {
    return !candidates(folder, names(folder)).isEmpty();
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

  /**
   * The file to begin with, the weights or the index of their shards: the index if there is one,
   * else the file, else all variants such as {@code fp16}.
   */
  private static List<String> candidates(Path folder, List<String> names) {
    for (String stem : STEMS) {
      String file = stem + EXTENSION;
      for (String name : List.of(file + ".index.json", file)) {
        if (names.contains(name)) {
          return List.of(name);
        }
      }
      Pattern variant =
          Pattern.compile(stem + "(\\.\\w+\\.safetensors|\\.safetensors\\.index\\.\\w+\\.json)");
      List<String> variants = names.stream().filter(variant.asMatchPredicate()).toList();
      if (!variants.isEmpty()) {
        return variants;
      }
    }
    refusePickles(folder, names);
    return List.of();
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

  /**
   * Reads an index, which says in which shard a weight lies, and the headers of the shards.
   *
   * @return the shards, in the order of the index
   * @throws IllegalArgumentException if the index is malformed or names a file that is not beside
   *     it, or if a shard is missing or lacks a weight
   */
  static List<Path> shards(Path index) throws IOException {
    Map<Path, Set<String>> weights = new LinkedHashMap<>();
    try {
      JsonNode json = Json.object(Json.parse(index));
      for (Map.Entry<String, JsonNode> weight : Json.object(json.get("weight_map")).properties()) {
        Path shard = neighbour(index, Json.string(weight.getValue()));
        weights.computeIfAbsent(shard, unused -> new LinkedHashSet<>()).add(weight.getKey());
      }
    } catch (MalformedJson e) {
      throw new IllegalArgumentException(
          "Expected a JSON object with a \"weight_map\" of names in %s, found %s. Copy or download the folder again."
              .formatted(index, e.getMessage()),
          e);
    }
    for (Path shard : weights.keySet()) {
      requireWeights(index, shard, weights.get(shard));
    }
    return List.copyOf(weights.keySet());
  }

  /** An index may come from anywhere; it must not name files elsewhere on this machine. */
  private static Path neighbour(Path index, String shard) {
    if (shard.endsWith(EXTENSION) && !ELSEWHERE.matcher(shard).find()) {
      try {
        return index.resolveSibling(shard);
      } catch (InvalidPathException e) {
        // No name of a file on this system.
      }
    }
    throw new IllegalArgumentException(
        "Expected the name of a safetensors file of its own folder in %s, found \"%s\". Do not use this folder."
            .formatted(index, shard));
  }

  private static void requireWeights(Path index, Path shard, Set<String> weights)
      throws IOException {
    if (!Files.isRegularFile(shard)) {
      throw new IllegalArgumentException(
          "Expected the shard %s that %s names, found none. Copy or download the folder again."
              .formatted(shard, index.getFileName()));
    }
    Safetensors.names(shard).forEach(weights::remove);
    if (!weights.isEmpty()) {
      throw new IllegalArgumentException(
          "Expected \"%s\" in %s, as %s says, found no such array. Copy or download the folder again."
              .formatted(weights.iterator().next(), shard, index.getFileName()));
    }
  }
}
