package emnist.diffusion.checkpoint;

import ai.djl.ndarray.NDManager;
import emnist.diffusion.MutationFuzz;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SafetensorsFuzzTest {

  @TempDir Path folder;

  @Test
  void aFileIsReadOrRefused() throws Exception {
    Path file = folder.resolve("weights.safetensors");
    RawArray.write(file, arrays());
    byte[] whole = Files.readAllBytes(file);
    try (NDManager manager = NDManager.newBaseManager()) {
      MutationFuzz.run(
          IllegalArgumentException.class,
          bytes -> {
            Files.write(file, bytes);
            try (NDManager scope = manager.newSubManager()) {
              Safetensors.read(scope, file);
            }
          },
          whole);
    }
  }

  @Test
  void anIndexOfShardsIsReadOrRefused() throws Exception {
    Path index = folder.resolve("model.safetensors.index.json");
    Path shard = folder.resolve("model-00001-of-00001.safetensors");
    RawArray.write(shard, arrays());
    Map<String, String> weightMap = new TreeMap<>();
    weightMap.put("a", shard.getFileName().toString());
    weightMap.put("scalar", shard.getFileName().toString());
    ShardedFolder.writeIndex(index, weightMap);
    byte[] whole = Files.readAllBytes(index);
    MutationFuzz.run(
        IllegalArgumentException.class,
        bytes -> {
          Files.write(index, bytes);
          WeightFiles.shards(index);
        },
        whole);
  }

  private static Map<String, RawArray> arrays() {
    Map<String, RawArray> arrays = new LinkedHashMap<>();
    arrays.put("a", new RawArray("F32", new long[] {2, 3}, new byte[24]));
    arrays.put("empty", new RawArray("F16", new long[] {0, 3}, new byte[0]));
    arrays.put("scalar", new RawArray("BF16", new long[] {}, new byte[2]));
    arrays.put("counter", new RawArray("I64", new long[] {1}, new byte[8]));
    arrays.put("long", new RawArray("F64", new long[] {40}, new byte[320]));
    return arrays;
  }
}
