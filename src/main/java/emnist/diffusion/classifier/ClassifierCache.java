package emnist.diffusion.classifier;

import ai.djl.ndarray.NDManager;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.LowerCamelCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import emnist.diffusion.checkpoint.Safetensors;
import emnist.diffusion.config.Json;
import emnist.diffusion.config.MalformedJson;
import emnist.diffusion.data.EmnistDataset;
import emnist.diffusion.files.AtomicFiles;
import emnist.diffusion.torch.StateDict;
import java.io.File;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The folder of one trained classifier, named after its data and seed: the weights in {@code
 * model.safetensors} and their description in {@code classifier.json}.
 */
record ClassifierCache(Path folder, EmnistDataset train, String dataSha256, long seed) {

  /** Trains the classifier if there is none. */
  @FunctionalInterface
  interface Training {
    LetterClassifier run() throws InterruptedException;
  }

  /** The content of {@code classifier.json}; the accuracy is a fraction of the training images. */
  @JsonNaming(LowerCamelCaseStrategy.class)
  private record Card(
      int formatVersion,
      String dataSha256,
      long seed,
      List<String> classNames,
      String weightsSha256,
      double trainAccuracy) {}

  // Raise it with every change to network, training or card: older folders are then ignored.
  private static final int FORMAT_VERSION = 3;

  private static final int HASH_DIGITS = 12;
  private static final String WEIGHTS = "model.safetensors";
  private static final String CARD = "classifier.json";

  static ClassifierCache of(Path cacheFolder, EmnistDataset train, long seed) {
    String sha256 = train.sha256();
    String shortened = sha256.substring(0, HASH_DIGITS);
    String name = "letter-classifier-%s-%s-seed-%s".formatted(FORMAT_VERSION, shortened, seed);
    return new ClassifierCache(cacheFolder.resolve(name), train, sha256, seed);
  }

  /** The classifier stored here; if there is none, {@code training} makes it. */
  LetterClassifier loadOr(NDManager manager, Training training)
      throws IOException, InterruptedException {
    if (Files.exists(folder)) {
      AtomicFiles.removeLeftoversOf(folder);
      return load(manager);
    }
    // Before the training, so that a wrong path costs no time.
    File parent = folder.toAbsolutePath().getParent().toFile();
    if (!parent.mkdirs() && !(parent.isDirectory() && parent.canWrite())) {
      throw new IOException(
          "Expected a folder to store classifiers in at %s, found none that may be written to. Choose another folder."
              .formatted(parent));
    }
    LetterClassifier classifier = training.run();
    try {
      write(classifier);
      return classifier;
    } catch (IOException | RuntimeException e) {
      classifier.close();
      if (e instanceof ClosedByInterruptException) {
        Thread.interrupted();
        throw new InterruptedException(
            "Saving the letter classifier was interrupted; nothing of it is kept.");
      }
      throw e;
    }
  }

  private LetterClassifier load(NDManager parent) throws IOException {
    String expected = readCard().weightsSha256();
    LetterClassifier classifier =
        new LetterClassifier(parent, train.classNames(), train.height(), train.width(), seed);
    try (NDManager reading = parent.newSubManager()) {
      StateDict.load(classifier.parameters(), Safetensors.read(reading, folder.resolve(WEIGHTS)));
      String found = Safetensors.sha256(classifier.parameters());
      if (!found.equals(expected)) {
        throw damaged("weights " + expected, "weights " + found, null);
      }
      return classifier;
    } catch (IOException | RuntimeException e) {
      classifier.close();
      if (e instanceof IllegalArgumentException) {
        throw damaged("the weights of its network", "damaged or different ones", e);
      }
      throw e;
    }
  }

  private Card readCard() throws IOException {
    Path file = folder.resolve(CARD);
    if (!Files.isRegularFile(file)) {
      throw damaged(CARD, "none", null);
    }
    try {
      Card card = Json.read(Json.parse(file), Card.class);
      if (!dataSha256.equals(card.dataSha256()) || card.seed() != seed) {
        throw damaged("data " + dataSha256 + " and seed " + seed, card.toString(), null);
      }
      return card;
    } catch (MalformedJson e) {
      throw damaged("a JSON object in " + CARD, "other text", e);
    }
  }

  private IOException damaged(String expected, String found, Exception cause) {
    return new IOException(
        "Expected %s in %s, found %s. Remove that folder; the classifier is then trained again."
            .formatted(expected, folder, found),
        cause);
  }

  private void write(LetterClassifier classifier) throws IOException {
    double accuracy = classifier.accuracy(train);
    try {
      AtomicFiles.addFolder(
          folder,
          part -> {
            String sha256 =
                Safetensors.write(part.resolve(WEIGHTS), classifier.parameters()).sha256();
            Card card =
                new Card(FORMAT_VERSION, dataSha256, seed, train.classNames(), sha256, accuracy);
            Files.writeString(part.resolve(CARD), Json.write(card) + "\n");
          });
    } catch (IOException e) {
      // Another process may have stored the same classifier meanwhile; it is as good.
      if (!Files.exists(folder)) {
        throw e;
      }
    }
    AtomicFiles.removeLeftoversOf(folder);
  }
}
