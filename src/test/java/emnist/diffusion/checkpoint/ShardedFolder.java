package emnist.diffusion.checkpoint;

import ai.djl.ndarray.NDArray;
import emnist.diffusion.config.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Weights in several files, as {@code save_pretrained(max_shard_size=...)} writes them. */
final class ShardedFolder {

  private ShardedFolder() {}

  /** Writes {@code <stem>-0000i-of-0000n.safetensors} and the index. */
  static void write(Path folder, String stem, Map<String, NDArray> weights, int shards)
      throws IOException {
    Map<String, String> weightMap = new LinkedHashMap<>();
    List<String> names = new ArrayList<>(weights.keySet());
    for (int i = 0; i < shards; i++) {
      String file = String.format(Locale.ROOT, "%s-%05d-of-%05d.safetensors", stem, i + 1, shards);
      Map<String, NDArray> shard = new LinkedHashMap<>();
      names
          .subList(names.size() * i / shards, names.size() * (i + 1) / shards)
          .forEach(name -> shard.put(name, weights.get(name)));
      shard.keySet().forEach(name -> weightMap.put(name, file));
      Safetensors.write(folder.resolve(file), shard);
    }
    writeIndex(folder.resolve(stem + ".safetensors.index.json"), weightMap);
  }

  static void writeIndex(Path file, Map<String, String> weightMap) throws IOException {
    Files.writeString(
        file, Json.writeCompact(Map.of("metadata", Map.of(), "weight_map", weightMap)));
  }
}
