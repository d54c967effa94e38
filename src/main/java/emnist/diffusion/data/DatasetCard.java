package emnist.diffusion.data;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonParseException;
import java.io.IOException;
import java.nio.charset.MalformedInputException;
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
    DatasetCard card;
    try {
      card = new Gson().fromJson(Files.readString(file), DatasetCard.class);
    } catch (JsonParseException | MalformedInputException e) {
      throw damaged(file, "other text", e);
    }
    if (card == null || card.name == null || card.trainCount < 1 || card.testCount < 1) {
      throw damaged(file, String.valueOf(card), null);
    }
    return Optional.of(card);
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
