package emnist.diffusion.checkpoint;

import emnist.diffusion.config.Json;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** An array of any type in a safetensors file, as other programs write them. */
record RawArray(String dtype, long[] shape, byte[] data) {

  static void write(Path file, Map<String, RawArray> arrays) throws IOException {
    Map<String, Object> header = new LinkedHashMap<>();
    ByteArrayOutputStream data = new ByteArrayOutputStream();
    arrays.forEach(
        (name, array) -> {
          int begin = data.size();
          data.writeBytes(array.data());
          header.put(
              name,
              Map.of(
                  "dtype",
                  array.dtype(),
                  "shape",
                  array.shape(),
                  "data_offsets",
                  new int[] {begin, data.size()}));
        });
    byte[] json = Json.writeCompact(header).getBytes(StandardCharsets.UTF_8);
    ByteBuffer bytes = ByteBuffer.allocate(Long.BYTES + json.length + data.size());
    bytes.order(ByteOrder.LITTLE_ENDIAN).putLong(json.length).put(json).put(data.toByteArray());
    Files.write(file, bytes.array());
  }
}
