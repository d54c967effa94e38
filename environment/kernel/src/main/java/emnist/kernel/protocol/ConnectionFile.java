package emnist.kernel.protocol;

import com.google.gson.Gson;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;

/**
 * Where Jupyter expects a kernel.
 *
 * @param endpoints an address such as {@code tcp://127.0.0.1:5001} for each channel
 * @param key the key of the signatures; if it is empty, messages are not signed
 * @param algorithm the algorithm of the signatures, such as {@code HmacSHA256}
 */
public record ConnectionFile(Map<Channel, String> endpoints, String key, String algorithm) {

  /** Reads the file that Jupyter wrote. */
  public static ConnectionFile read(Path file) throws IOException {
    try {
      JsonObject json = new Gson().fromJson(Files.readString(file), JsonObject.class);
      String host = json.get("transport").getAsString() + "://" + json.get("ip").getAsString();
      Map<Channel, String> endpoints = new EnumMap<>(Channel.class);
      for (Channel channel : Channel.values()) {
        endpoints.put(channel, host + ":" + json.get(channel.port()).getAsInt());
      }
      String scheme = json.get("signature_scheme").getAsString();
      String algorithm = scheme.replace("-", "").toUpperCase(Locale.ROOT);
      return new ConnectionFile(endpoints, json.get("key").getAsString(), algorithm);
    } catch (IOException | RuntimeException e) {
      throw new IOException(
          "Expected a Jupyter connection file, found none at "
              + file
              + ". Start this kernel from Jupyter.",
          e);
    }
  }
}
