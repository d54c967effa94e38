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

/**
 * The file that says in which shard a weight lies: {@code
 * diffusion_pytorch_model.safetensors.index.json}.
 */
final class ShardIndex {

  private static final Pattern ELSEWHERE = Pattern.compile("[/\\\\:\\p{Cntrl}]|\\.\\.");

  private ShardIndex() {}

  /**
   * Reads the file and the headers of the shards.
   *
   * @return the shards, in the order of the file
   * @throws IllegalArgumentException if it is malformed, names a file that is not beside it, or a
   *     shard is missing or lacks a weight
   */
  static List<Path> read(Path index) throws IOException {
    Map<Path, Set<String>> weights = parse(index);
    for (Path shard : weights.keySet()) {
      requireWeights(index, shard, weights.get(shard));
    }
    return List.copyOf(weights.keySet());
  }

  private static Map<Path, Set<String>> parse(Path index) throws IOException {
    Map<Path, Set<String>> weights = new LinkedHashMap<>();
    try {
      JsonNode json = Json.object(Json.parse(index));
      for (Map.Entry<String, JsonNode> weight : Json.object(json.get("weight_map")).properties()) {
        weights
            .computeIfAbsent(
                neighbour(index, Json.string(weight.getValue())), unused -> new LinkedHashSet<>())
            .add(weight.getKey());
      }
      return weights;
    } catch (MalformedJson e) {
      throw new IllegalArgumentException(
          "Expected a JSON object with a \"weight_map\" of names in %s, found %s. Copy or download the folder again."
              .formatted(index, e.getMessage()),
          e);
    }
  }

  /** An index may come from anywhere; it must not name files elsewhere on this machine. */
  private static Path neighbour(Path index, String shard) {
    if (shard.endsWith(WeightFiles.EXTENSION) && !ELSEWHERE.matcher(shard).find()) {
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
    Set<String> found = Safetensors.names(shard);
    for (String weight : weights) {
      if (!found.contains(weight)) {
        throw new IllegalArgumentException(
            "Expected \"%s\" in %s, as %s says, found no such array. Copy or download the folder again."
                .formatted(weight, shard, index.getFileName()));
      }
    }
  }
}
