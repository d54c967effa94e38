package emnist.diffusion.checkpoint;

import com.google.gson.Gson;
import com.google.gson.JsonObject;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** An array of any type in a safetensors file, as other programs write them. */
record RawArray(String dtype, long[] shape, byte[] data) {

  static void write(Path file, Map<String, RawArray> arrays) throws IOException {
    Gson gson = new Gson();
    JsonObject header = new JsonObject();
    ByteArrayOutputStream data = new ByteArrayOutputStream();
    arrays.forEach(
        (name, array) -> {
          int begin = data.size();
          data.writeBytes(array.data());
          JsonObject entry = new JsonObject();
          entry.addProperty("dtype", array.dtype());
          entry.add("shape", gson.toJsonTree(array.shape()));
          entry.add("data_offsets", gson.toJsonTree(new int[] {begin, data.size()}));
          header.add(name, entry);
        });
    byte[] json = gson.toJson(header).getBytes(StandardCharsets.UTF_8);
    ByteBuffer bytes = ByteBuffer.allocate(Long.BYTES + json.length + data.size());
    bytes.order(ByteOrder.LITTLE_ENDIAN).putLong(json.length).put(json).put(data.toByteArray());
    Files.write(file, bytes.array());
  }
}
