package emnist.diffusion.walkthrough;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import emnist.diffusion.checkpoint.Checkpoint;
import emnist.diffusion.checkpoint.PretrainedLetters;
import emnist.diffusion.data.BuiltInLetters;
import emnist.diffusion.data.EmnistDataset;
import emnist.diffusion.data.EmnistSplit;
import emnist.diffusion.torch.Devices;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;

/**
 * What a user chooses from outside a notebook, by environment variables.
 *
 * @param preset {@code PRESET}: {@code small} (default) or {@code readme}
 * @param maxEpoch {@code MAX_EPOCH}: epochs to train, and the one to generate with; default 50
 * @param data which images
 * @param resume {@code RESUME_FROM_CHECKPOINT}: {@code latest} to resume from the newest
 *     checkpoint, if there is one; default is to start over
 * @param outputDir {@code OUTPUT_DIR}: the folder of the epochs; default {@code
 *     emnist_diffusion_model}
 * @param runs {@code RUNS}: number of generations with different seeds; default 3
 * @param device {@code DEVICE}: {@code cpu} or {@code gpu}; default the GPU if there is one
 */
public record Settings(
    Preset preset,
    int maxEpoch,
    Data data,
    boolean resume,
    Path outputDir,
    int runs,
    Device device) {

  /**
   * Which images.
   *
   * @param limit {@code DATASET_LIMIT}: largest number of training images; 0, the default, for all
   * @param emnistDir {@code EMNIST_DIR}: folder of the real data; null for the built-in letters
   * @param split {@code EMNIST_SPLIT}: split of the real data, only with {@code EMNIST_DIR};
   *     default {@code letters}
   */
  public record Data(int limit, Path emnistDir, EmnistSplit split) {}

  private static final String OUTPUT_DIR = "emnist_diffusion_model";
  private static NDManager opened;

  /**
   * Reads the settings.
   *
   * @param environment variables by name, such as {@code System.getenv()}; blank means default
   * @throws IllegalArgumentException if a variable has a value that is not allowed
   */
  public static Settings of(Map<String, String> environment) {
    String folder = value(environment, "EMNIST_DIR", "");
    String split = value(environment, "EMNIST_SPLIT", "");
    if (folder.isEmpty() && !split.isEmpty()) {
      throw new IllegalArgumentException(
          "Expected EMNIST_DIR with EMNIST_SPLIT, found none. Set it to the folder of EMNIST's files, or leave EMNIST_SPLIT out for the built-in letters.");
    }
    return new Settings(
        preset(value(environment, "PRESET", "small")),
        number(environment, "MAX_EPOCH", "50", 1),
        new Data(
            number(environment, "DATASET_LIMIT", "0", 0),
            folder.isEmpty() ? null : Path.of(folder),
            split.isEmpty() ? EmnistSplit.LETTERS : EmnistSplit.parse(split)),
        resume(value(environment, "RESUME_FROM_CHECKPOINT", "")),
        Path.of(value(environment, "OUTPUT_DIR", OUTPUT_DIR)),
        number(environment, "RUNS", "3", 1),
        Devices.named(value(environment, "DEVICE", "")));
  }

  /**
   * The training images: the real ones if a folder was given, else the built-in letters; at most
   * {@link Data#limit}.
   */
  public EmnistDataset trainSet() throws IOException {
    EmnistDataset all = open(true);
    return data.limit() > 0 ? all.limit(data.limit()) : all;
  }

  /** All test images that belong to {@link #trainSet}. */
  public EmnistDataset testSet() throws IOException {
    return open(false);
  }

  private EmnistDataset open(boolean train) throws IOException {
    return data.emnistDir() == null
        ? BuiltInLetters.open(train)
        : EmnistDataset.open(data.emnistDir(), data.split(), train);
  }

  /**
   * The folder of an epoch as {@link Checkpoint#of}; or, where the default folder has none and the
   * data are letters, of a copy of the network in the box, as a printed line then says.
   */
  public Path modelPath(Path outputDir, int epoch) throws IOException {
    if (!outputDir.equals(Path.of(OUTPUT_DIR))
        || data.split() != EmnistSplit.LETTERS
        || Checkpoint.existsIn(outputDir)) {
      return Checkpoint.of(outputDir, epoch).folder();
    }
    System.out.println(
        "There is no epoch in %s yet: these letters come from the network in the box, trained on NIST's handwritten capitals."
            .formatted(outputDir));
    return PretrainedLetters.copyTo(cache().resolve("pretrained"));
  }

  /**
   * A manager on the device for all that a notebook makes. Running its cell again frees what was
   * made with the one before, so no other cell has to close anything.
   */
  public NDManager newBaseManager() {
    synchronized (Settings.class) {
      if (opened != null) {
        opened.close();
      }
      opened = NDManager.newBaseManager(device);
      return opened;
    }
  }

  /** The folder for files that can be made again. */
  public Path cache() {
    return Path.of(".cache");
  }

  private static Preset preset(String name) {
    return switch (name.toLowerCase(Locale.ROOT)) {
      case "small" -> Preset.SMALL;
      case "readme" -> Preset.README;
      default ->
          throw new IllegalArgumentException(
              "Expected PRESET to be small or readme, found \"%s\". Choose one of these."
                  .formatted(name));
    };
  }

  private static boolean resume(String checkpoint) {
    if (!checkpoint.isEmpty() && !checkpoint.equals("latest")) {
      throw new IllegalArgumentException(
          "Expected RESUME_FROM_CHECKPOINT to be latest, found \"%s\". Change it or leave it out."
              .formatted(checkpoint));
    }
    return !checkpoint.isEmpty();
  }

  private static int number(
      Map<String, String> environment, String name, String standard, int minimum) {
    String text = value(environment, name, standard);
    if (!text.matches("\\d{1,9}") || Integer.parseInt(text) < minimum) {
      throw new IllegalArgumentException(
          "Expected %s to be a whole number of at least %s, found \"%s\". Change it or leave it out."
              .formatted(name, minimum, text));
    }
    return Integer.parseInt(text);
  }

  private static String value(Map<String, String> environment, String name, String standard) {
    String value = environment.getOrDefault(name, "").strip();
    return value.isEmpty() ? standard : value;
  }

  /** The variables that have these settings, but for those of the data. */
  @Override
  public String toString() {
    return "PRESET=%s MAX_EPOCH=%s OUTPUT_DIR=%s RUNS=%s DEVICE=%s"
        .formatted(
            preset.name().toLowerCase(Locale.ROOT),
            maxEpoch,
            outputDir,
            runs,
            device.getDeviceType());
  }
}
