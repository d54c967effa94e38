package emnist.diffusion.checkpoint;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import emnist.diffusion.config.JsonConfig;
import emnist.diffusion.config.StrictJson;
import emnist.diffusion.files.AtomicFiles;
import emnist.diffusion.model.UNet2DModel;
import emnist.diffusion.model.UNet2DModelConfig;
import emnist.diffusion.nn.StateDict;
import emnist.diffusion.scheduler.Scheduler;
import emnist.diffusion.scheduler.SchedulerConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The state of a training run after an epoch: the folder {@code epoch_N}.
 *
 * <pre>
 * model_index.json                  what diffusers' DDPMPipeline.from_pretrained opens
 * scheduler/scheduler_config.json
 * unet/                             the weights as trained
 * unet_ema/                         their moving average; better pictures
 * optimizer.safetensors             AdamW's state, in the two newest epochs
 * run.json                          how it came about, and how far it is
 * manifest.json                     size and SHA-256 of each of these
 * </pre>
 *
 * <p>What is read is first compared with the manifest. A folder that Python has written has none,
 * and no {@code run.json}; it is read as it is.
 *
 * @param folder the folder
 */
public record Checkpoint(Path folder) {

  /** The state of a run that was stopped within an epoch. */
  public static final String INTERRUPTED = "interrupted";

  private static final Logger LOG = LoggerFactory.getLogger(Checkpoint.class);
  private static final Pattern EPOCH = Pattern.compile("epoch_(\\d{1,9})");
  private static final String UNET = "unet";
  private static final String UNET_EMA = "unet_ema";
  private static final String SCHEDULER = "scheduler/scheduler_config.json";
  private static final String OPTIMIZER = "optimizer.safetensors";
  private static final String RUN = "run.json";
  private static final Gson GSON =
      new GsonBuilder().setPrettyPrinting().serializeNulls().disableHtmlEscaping().create();

  /**
   * What a checkpoint holds.
   *
   * @param unet weights by name
   * @param unetEma their moving average
   * @param optimizer the optimizer's state by name
   * @param run description of the run
   */
  public record State(
      UNet2DModelConfig config,
      Map<String, NDArray> unet,
      Map<String, NDArray> unetEma,
      Map<String, NDArray> optimizer,
      SchedulerConfig scheduler,
      JsonObject run) {}

  /**
   * The checkpoint of an epoch.
   *
   * @param outputDir the folder of the run, such as {@code emnist_diffusion_model}
   * @throws IllegalArgumentException if there is no such epoch
   */
  public static Checkpoint of(Path outputDir, int epoch) throws IOException {
    Path folder = AtomicFiles.readable(outputDir.resolve(name(epoch)));
    if (!Files.isDirectory(folder)) {
      List<Integer> epochs = epochs(outputDir);
      throw new IllegalArgumentException(
          "Expected epoch %d in %s, found %s. %s"
              .formatted(
                  epoch,
                  outputDir,
                  epochs.isEmpty() ? "no epochs" : "epochs " + epochs,
                  epochs.isEmpty()
                      ? "Train first: run egitim.ipynb."
                      : "Choose one of these, or train longer."));
    }
    return new Checkpoint(folder);
  }

  /**
   * The checkpoint to go on from: the one that is furthest in the run that was started last. One
   * that is damaged or lacks the optimizer's state is skipped with a warning.
   *
   * @return nothing if there is no checkpoint
   * @throws IllegalArgumentException if there are some, and all had to be skipped
   */
  public static Optional<Checkpoint> latest(Path outputDir) throws IOException {
    List<Checkpoint> checkpoints = all(outputDir);
    Map<Checkpoint, RunPosition> progress = new LinkedHashMap<>();
    for (Checkpoint checkpoint : checkpoints) {
      checkpoint.tryReading(() -> progress.put(checkpoint, RunPosition.of(checkpoint.run())));
    }
    List<Checkpoint> newestFirst = new ArrayList<>(progress.keySet());
    newestFirst.sort(Comparator.comparing(progress::get).reversed());
    for (Checkpoint checkpoint : newestFirst) {
      if (checkpoint.tryReading(checkpoint::requireState)) {
        return Optional.of(checkpoint);
      }
    }
    if (!checkpoints.isEmpty()) {
      throw new IllegalArgumentException(
          "Expected a checkpoint to go on from in %s, found %d that cannot serve, as the warnings say. Copy one of them again, or choose another folder."
              .formatted(outputDir, checkpoints.size()));
    }
    return Optional.empty();
  }

  private static List<Checkpoint> all(Path outputDir) throws IOException {
    return Stream.concat(epochs(outputDir).stream().map(Checkpoint::name), Stream.of(INTERRUPTED))
        .map(name -> AtomicFiles.readable(outputDir.resolve(name)))
        .filter(Files::isDirectory)
        .map(Checkpoint::new)
        .toList();
  }

  private interface Reading {
    void run() throws IOException;
  }

  /** Reads, and says whether that went well; a warning if not. */
  private boolean tryReading(Reading reading) {
    try {
      reading.run();
      return true;
    } catch (IOException | IllegalArgumentException e) {
      LOG.warn("Skipping {}. {}", folder, e.getMessage());
      return false;
    }
  }

  /** The name of an epoch's folder. */
  public static String name(int epoch) {
    return "epoch_" + epoch;
  }

  /** The epochs that have a checkpoint in {@code outputDir}, rising. */
  public static List<Integer> epochs(Path outputDir) throws IOException {
    return AtomicFiles.names(outputDir).stream()
        .map(EPOCH::matcher)
        .filter(Matcher::matches)
        .map(matcher -> Integer.parseInt(matcher.group(1)))
        .sorted()
        .toList();
  }

  /**
   * Writes the checkpoint into {@code outputDir/name}, replacing one of that name once this one is
   * on the disk.
   *
   * <p>It is written beside its final place and moved there whole, so that a checkpoint that exists
   * is complete; a failure leaves the one that was there before.
   */
  public static Checkpoint write(Path outputDir, String name, State state) throws IOException {
    Path folder = outputDir.resolve(name);
    Files.createDirectories(outputDir);
    AtomicFiles.writeFolder(
        folder,
        partial -> {
          SortedMap<String, Fingerprint> files = new TreeMap<>();
          Files.createDirectories(partial.resolve("scheduler"));
          files.put(
              "model_index.json",
              Fingerprint.ofWriting(
                  partial.resolve("model_index.json"), modelIndex(state.scheduler())));
          files.put(
              SCHEDULER,
              Fingerprint.ofWriting(partial.resolve(SCHEDULER), state.scheduler().toJson()));
          files.putAll(PretrainedModel.writeInto(partial, UNET, state.config(), state.unet()));
          files.putAll(
              PretrainedModel.writeInto(partial, UNET_EMA, state.config(), state.unetEma()));
          files.put(OPTIMIZER, Safetensors.write(partial.resolve(OPTIMIZER), state.optimizer()));
          files.put(
              RUN, Fingerprint.ofWriting(partial.resolve(RUN), GSON.toJson(state.run()) + "\n"));
          new Manifest(files).writeNew(partial);
        });
    return new Checkpoint(folder);
  }

  /**
   * Compares every file with the manifest.
   *
   * @throws IllegalArgumentException if a file or the manifest is missing or differs, naming it
   */
  public void verify() throws IOException {
    Manifest manifest = manifest().orElseThrow(this::noManifest);
    for (String name : manifest.files().keySet()) {
      manifest.verify(folder, name);
    }
  }

  /** The folder's manifest; a folder of this project's has one. */
  private Optional<Manifest> manifest() throws IOException {
    Optional<Manifest> manifest = Manifest.read(folder);
    if (manifest.isEmpty() && Files.exists(folder.resolve(RUN))) {
      throw noManifest();
    }
    return manifest;
  }

  private IllegalArgumentException noManifest() {
    return new IllegalArgumentException(
        "Expected a file %s, found none. Copy the whole folder of the epoch."
            .formatted(folder.resolve(Manifest.FILE)));
  }

  /** A file or folder to read, as it was written. */
  private Path verified(String name) throws IOException {
    Optional<Manifest> manifest = manifest();
    if (manifest.isPresent()) {
      for (String file : manifest.get().below(name)) {
        manifest.get().verify(folder, file);
      }
    }
    return folder.resolve(name);
  }

  /**
   * The network to generate with: the moving average, or the trained one where there is none.
   *
   * @throws IllegalArgumentException as {@link PretrainedModel#load(NDManager, Path)}; also for a
   *     folder of accelerate's, which has no configuration
   */
  public UNet2DModel unet(NDManager manager) throws IOException {
    return PretrainedModel.load(manager, network());
  }

  /**
   * As {@link #unet(NDManager)}, with the configuration given: for a folder that accelerate's
   * {@code save_state} has written.
   */
  public UNet2DModel unet(NDManager manager, UNet2DModelConfig config) throws IOException {
    return PretrainedModel.load(manager, network(), config);
  }

  private Path network() throws IOException {
    Optional<Manifest> manifest = manifest();
    for (String name : List.of(UNET_EMA, UNET)) {
      if (manifest.isPresent() || Files.isDirectory(folder.resolve(name))) {
        return verified(name);
      }
    }
    return folder;
  }

  /** The configuration of the network. */
  public UNet2DModelConfig unetConfig() throws IOException {
    return UNet2DModelConfig.fromJson(text(UNET + "/config.json"));
  }

  /**
   * Reads the state to go on with into a network, its average and an optimizer.
   *
   * @param manager to read with
   * @param unet weights by name, overwritten
   * @param unetEma their moving average, overwritten
   * @param optimizer the optimizer's state by name, overwritten
   * @throws IllegalArgumentException if a file is missing or damaged, or holds other arrays
   */
  public void restore(
      NDManager manager,
      Map<String, NDArray> unet,
      Map<String, NDArray> unetEma,
      Map<String, NDArray> optimizer)
      throws IOException {
    requireState();
    load(manager, OPTIMIZER, optimizer);
    load(manager, UNET + "/" + PretrainedModel.WEIGHTS, unet);
    load(manager, UNET_EMA + "/" + PretrainedModel.WEIGHTS, unetEma);
  }

  private void requireState() throws IOException {
    verify();
    if (manifest().orElseThrow(this::noManifest).below(OPTIMIZER).isEmpty()) {
      throw new IllegalArgumentException(
          "Expected an %s in %s, found none: only the newest epochs keep it. Go on from one of these."
              .formatted(OPTIMIZER, folder));
    }
  }

  private void load(NDManager manager, String name, Map<String, NDArray> arrays)
      throws IOException {
    try (NDManager reading = manager.newSubManager()) {
      StateDict.load(arrays, Safetensors.read(reading, folder.resolve(name)));
    }
  }

  /** The scheduler the network was trained with. */
  public Scheduler scheduler() throws IOException {
    return Scheduler.fromJson(text(SCHEDULER));
  }

  /**
   * The class that stands for "no class" in a network trained with label dropout, its last; null in
   * any other, and in a folder that Python has written.
   */
  public Integer nullClass() throws IOException {
    if (manifest().isEmpty()) {
      return null;
    }
    JsonObject training = run().getAsJsonObject("training");
    boolean dropout = training != null && training.has("label_dropout");
    return !dropout || training.get("label_dropout").getAsDouble() == 0
        ? null
        : unetConfig().numClassEmbeds() - 1;
  }

  /** The description of the run. */
  public JsonObject run() throws IOException {
    String text = text(RUN);
    try {
      return StrictJson.object(StrictJson.parse(text));
    } catch (JsonParseException e) {
      throw notJson(RUN, e);
    }
  }

  /** Deletes the optimizer's state: twice the size of the weights, and only needed to go on. */
  public void dropOptimizer() throws IOException {
    if (Files.exists(folder.resolve(OPTIMIZER))) {
      manifest().orElseThrow(this::noManifest).without(OPTIMIZER).write(folder);
      Files.delete(folder.resolve(OPTIMIZER));
    }
  }

  /** Deletes the checkpoint. */
  public void delete() throws IOException {
    AtomicFiles.deleteFolder(folder);
  }

  private String text(String name) throws IOException {
    Path file = verified(name);
    if (!Files.isRegularFile(file)) {
      throw new IllegalArgumentException(
          "Expected a file %s, found none. Copy the whole folder of the epoch.".formatted(file));
    }
    try {
      return StrictJson.text(file);
    } catch (JsonParseException e) {
      throw notJson(name, e);
    }
  }

  private IllegalArgumentException notJson(String name, JsonParseException e) {
    return new IllegalArgumentException(
        "Expected JSON in %s, found %s. Copy the whole folder of the epoch."
            .formatted(folder.resolve(name), e.getMessage()),
        e);
  }

  private static String modelIndex(SchedulerConfig scheduler) {
    JsonObject index = new JsonObject();
    index.addProperty("_class_name", "DDPMPipeline");
    index.addProperty("_diffusers_version", JsonConfig.DIFFUSERS_VERSION);
    index.add("scheduler", component(scheduler.className()));
    index.add("unet", component("UNet2DModel"));
    return GSON.toJson(index) + "\n";
  }

  private static JsonArray component(String className) {
    JsonArray component = new JsonArray();
    component.add("diffusers");
    component.add(className);
    return component;
  }
}
