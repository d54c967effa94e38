package emnist.diffusion.data;

import com.google.gson.GsonBuilder;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import emnist.diffusion.config.StrictJson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What a folder in EMNIST's layout says about itself when it is not the official EMNIST: the file
 * {@code dataset.json}. Without one the official counts must be met.
 *
 * @param name what the images are, settings included
 * @param trainCount number of training images
 * @param testCount number of test images
 */
public record DatasetCard(String name, int trainCount, int testCount) {

  static final String FILE = "dataset.json";

  /** The card in a folder, if it has one. */
  static Optional<DatasetCard> read(Path folder) throws IOException {
    Path file = folder.resolve(FILE);
    if (!Files.isRegularFile(file)) {
      return Optional.empty();
    }
    try {
      JsonObject json = StrictJson.object(StrictJson.parse(file));
      return Optional.of(
          new DatasetCard(
              StrictJson.string(json.get("name")),
              count(json.get("trainCount")),
              count(json.get("testCount"))));
    } catch (JsonParseException e) {
      throw damaged(file, e.getMessage(), e);
    }
  }

  private static int count(JsonElement count) {
    long images = StrictJson.integer(count);
    if (images < 1 || images > Integer.MAX_VALUE) {
      throw new JsonParseException(images + " images");
    }
    return (int) images;
  }

  private static IOException damaged(Path file, String found, Exception cause) {
    return new IOException(
        "Expected a JSON object with name, trainCount and testCount in %s, found %s. Correct the file or remove it: without it the official counts must be met."
            .formatted(file, found),
        cause);
  }

  void write(Path folder) throws IOException {
    Files.writeString(
        folder.resolve(FILE), new GsonBuilder().setPrettyPrinting().create().toJson(this) + "\n");
  }

  int count(boolean train) {
    return train ? trainCount : testCount;
  }
}
