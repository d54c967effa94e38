package emnist.diffusion.data;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.LowerCamelCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import emnist.diffusion.config.Json;
import emnist.diffusion.config.MalformedJson;
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
@JsonNaming(LowerCamelCaseStrategy.class)
public record DatasetCard(String name, int trainCount, int testCount) {

  static final String FILE = "dataset.json";

  public DatasetCard {
    int fewest = Math.min(trainCount, testCount);
    if (name == null || fewest < 1) {
      throw new IllegalArgumentException(name == null ? "no name" : fewest + " images");
    }
  }

  /** The card in a folder, if it has one. */
  static Optional<DatasetCard> read(Path folder) throws IOException {
    Path file = folder.resolve(FILE);
    if (!Files.isRegularFile(file)) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          Json.read(
              Json.object(Json.parse(file)).retain("name", "trainCount", "testCount"),
              DatasetCard.class));
    } catch (MalformedJson | IllegalArgumentException e) {
      throw new IOException(
          "Expected a JSON object with name, trainCount and testCount in %s, found %s. Correct the file or remove it: without it the official counts must be met."
              .formatted(file, e.getMessage()),
          e);
    }
  }

  int count(boolean train) {
    return train ? trainCount : testCount;
  }
}
