package emnist.diffusion.checkpoint;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import emnist.diffusion.config.JsonConfig;
import emnist.diffusion.model.UNet2DModel;
import emnist.diffusion.model.UNet2DModelConfig;
import emnist.diffusion.scheduler.Scheduler;
import emnist.diffusion.scheduler.SchedulerConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The state of a training run after an epoch: the folder {@code epoch_N}.
 *
 * <pre>
 * model_index.json                  what diffusers' DDPMPipeline.from_pretrained opens
 * scheduler/scheduler_config.json
 * unet/                             the weights as trained
 * unet_ema/                         their moving average; better pictures
 * optimizer.safetensors             AdamW's state, in the newest epoch only
 * run.json                          how it came about: settings, seed, versions, data
 * </pre>
 *
 * @param folder the folder
 */
public record Checkpoint(Path folder) {

  private static final Pattern EPOCH = Pattern.compile("epoch_(\\d{1,9})");
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
    Path folder = outputDir.resolve("epoch_" + epoch);
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

  /** The epochs that have a checkpoint in {@code outputDir}, rising. */
  public static List<Integer> epochs(Path outputDir) throws IOException {
    if (!Files.isDirectory(outputDir)) {
      return List.of();
    }
    try (Stream<Path> children = Files.list(outputDir)) {
      return children
          .map(child -> EPOCH.matcher(child.getFileName().toString()))
          .filter(Matcher::matches)
          .map(matcher -> Integer.parseInt(matcher.group(1)))
          .sorted()
          .toList();
    }
  }

  /**
   * Writes the checkpoint into {@code outputDir/name}, replacing one of that name.
   *
   * <p>It is written beside its final place and moved there whole, so that a checkpoint that exists
   * is complete; a failure leaves the one that was there before.
   */
  public static Checkpoint write(Path outputDir, String name, State state) throws IOException {
    Path folder = outputDir.resolve(name);
    Path partial = outputDir.resolve("." + name + ".partial");
    delete(partial);
    try {
      Files.createDirectories(partial.resolve("scheduler"));
      Files.writeString(partial.resolve("model_index.json"), modelIndex(state.scheduler()));
      Files.writeString(partial.resolve(SCHEDULER), state.scheduler().toJson());
      PretrainedModel.save(partial.resolve("unet"), state.config(), state.unet());
      PretrainedModel.save(partial.resolve("unet_ema"), state.config(), state.unetEma());
      Safetensors.write(partial.resolve(OPTIMIZER), state.optimizer());
      Files.writeString(partial.resolve(RUN), GSON.toJson(state.run()) + "\n");
      delete(folder);
      Files.move(partial, folder, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      delete(partial);
    }
    return new Checkpoint(folder);
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

  private Path network() {
    return Stream.of("unet_ema", "unet")
        .map(folder::resolve)
        .filter(Files::isDirectory)
        .findFirst()
        .orElse(folder);
  }

  /** The scheduler the network was trained with. */
  public Scheduler scheduler() throws IOException {
    return Scheduler.fromJson(text(SCHEDULER));
  }

  /**
   * The class that stands for "no class" in a network trained with label dropout, its last; null in
   * any other, and where {@code run.json} is missing.
   */
  public Integer nullClass() throws IOException {
    if (!Files.exists(folder.resolve(RUN))) {
      return null;
    }
    JsonObject training = run().getAsJsonObject("training");
    boolean dropout = training != null && training.has("label_dropout");
    return !dropout || training.get("label_dropout").getAsDouble() == 0
        ? null
        : UNet2DModelConfig.fromJson(text("unet/config.json")).numClassEmbeds() - 1;
  }

  /** The description of the run. */
  public JsonObject run() throws IOException {
    return GSON.fromJson(text(RUN), JsonObject.class);
  }

  /** Deletes the optimizer's state: twice the size of the weights, and only needed to go on. */
  public void dropOptimizer() throws IOException {
    Files.deleteIfExists(folder.resolve(OPTIMIZER));
  }

  private String text(String name) throws IOException {
    Path file = folder.resolve(name);
    if (!Files.isRegularFile(file)) {
      throw new IllegalArgumentException(
          "Expected a file %s, found none. Copy the whole folder of the epoch.".formatted(file));
    }
    return Files.readString(file);
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

  private static void delete(Path folder) throws IOException {
    if (Files.exists(folder)) {
      try (Stream<Path> paths = Files.walk(folder)) {
        for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(path);
        }
      }
    }
  }
}
