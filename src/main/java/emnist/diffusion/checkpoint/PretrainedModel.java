package emnist.diffusion.checkpoint;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonProperty;
import emnist.diffusion.config.Json;
import emnist.diffusion.config.JsonConfig;
import emnist.diffusion.config.MalformedJson;
import emnist.diffusion.files.AtomicFiles;
import emnist.diffusion.model.UNet2DModel;
import emnist.diffusion.model.UNet2DModelConfig;
import emnist.diffusion.scheduler.SchedulerConfig;
import emnist.diffusion.torch.StateDict;
import java.io.File;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Networks in folders, as diffusers' {@code save_pretrained} writes and {@code from_pretrained}
 * reads them: {@code config.json} and {@code diffusion_pytorch_model.safetensors}; in a pipeline's
 * folder {@code model_index.json}, {@code unet/} and {@code scheduler/}.
 *
 * <p>Pickles are never opened: reading one may run any program that it holds.
 */
public final class PretrainedModel {

  static final String WEIGHTS = "diffusion_pytorch_model.safetensors";
  static final String CONFIG = "config.json";
  static final String UNET = "unet";
  static final String SCHEDULER = "scheduler/scheduler_config.json";
  static final String INDEX = "model_index.json";

  /** Ours: diffusers ignores what begins with an underscore. */
  private static final String NULL_CLASS = "_null_class";

  private static final Logger LOG = LoggerFactory.getLogger(PretrainedModel.class);

  /** Below this size the network is built first, so that a mismatch is reported by weight. */
  private static final long LARGE_BYTES = 1 << 30;

  @JsonIgnoreProperties(ignoreUnknown = true)
  private record Index(@JsonProperty(NULL_CLASS) Integer nullClass) {}

  private PretrainedModel() {}

  /**
   * Writes a network into a folder, which must not hold one yet; equal networks give equal bytes.
   * Each file is complete and on the disk, or absent.
   *
   * @throws IllegalArgumentException if a weight is not float32, or too large for the precision;
   *     there is then no file
   */
  public static void save(
      Path folder, UNet2DModelConfig config, Map<String, NDArray> weights, SavePrecision precision)
      throws IOException {
    if (Files.exists(folder.resolve(WEIGHTS))) {
      throw new FileAlreadyExistsException(folder.resolve(WEIGHTS).toString());
    }
    AtomicFiles.writeFile(
        folder.resolve(WEIGHTS), file -> Safetensors.write(file, weights, precision));
    AtomicFiles.writeFile(folder.resolve(CONFIG), file -> Files.writeString(file, config.toJson()));
  }

  /**
   * Writes a pipeline; its folder is complete and on the disk, or absent.
   *
   * @param folder a new or an empty folder, or one that this has written before, which is replaced
   * @param nullClass the null class of a network trained with label dropout, else null
   * @throws IllegalArgumentException if there is something else in it, or a weight is too large for
   *     the precision; it is then left alone
   */
  public static void savePipeline(
      Path folder,
      UNet2DModel unet,
      SchedulerConfig scheduler,
      Integer nullClass,
      SavePrecision precision)
      throws IOException {
    requireReplaceable(folder, List.of(INDEX, UNET, "scheduler")::containsAll);
    AtomicFiles.writeFolder(
        folder, partial -> writePipeline(partial, unet, scheduler, nullClass, precision));
  }

  static void requireReplaceable(Path folder, Predicate<Set<String>> isOurs) throws IOException {
    boolean mayGo = Files.isDirectory(folder) && isOurs.test(AtomicFiles.names(folder));
    if (Files.exists(folder) && !mayGo) {
      throw new IllegalArgumentException(
          "Expected a new or an empty folder at %s, found other files. Name another folder."
              .formatted(folder));
    }
  }

  /** The null class in the text of a pipeline's index; or null. */
  static Integer nullClass(String index) {
    return Json.read(index, Index.class).nullClass();
  }

  /** Writes a pipeline's files, which are returned by path, without flushing them to the disk. */
  static SortedMap<String, Fingerprint> writePipeline(
      Path folder,
      UNet2DModel unet,
      SchedulerConfig scheduler,
      Integer nullClass,
      SavePrecision precision)
      throws IOException {
    Map<String, Object> index = new LinkedHashMap<>();
    index.put("_class_name", "DDPMPipeline");
    index.put("_diffusers_version", JsonConfig.DIFFUSERS_VERSION);
    index.put("scheduler", List.of("diffusers", scheduler.className()));
    index.put("unet", List.of("diffusers", "UNet2DModel"));
    if (nullClass != null) {
      index.put(NULL_CLASS, nullClass);
    }
    SortedMap<String, Fingerprint> files = write(folder, UNET, unet, precision);
    files.put(INDEX, Fingerprint.ofWriting(folder.resolve(INDEX), Json.write(index) + "\n"));
    files.put(SCHEDULER, Fingerprint.ofWriting(folder.resolve(SCHEDULER), scheduler.toJson()));
    return files;
  }

  /** Writes a network's files likewise, into a new folder {@code name}. */
  static SortedMap<String, Fingerprint> write(
      Path parent, String name, UNet2DModel unet, SavePrecision precision) throws IOException {
    Path folder = parent.resolve(name);
    SortedMap<String, Fingerprint> files = new TreeMap<>();
    files.put(
        name + "/" + CONFIG, Fingerprint.ofWriting(folder.resolve(CONFIG), unet.config().toJson()));
    files.put(
        name + "/" + WEIGHTS,
        Safetensors.write(folder.resolve(WEIGHTS), unet.parameters(), precision));
    return files;
  }

  /**
   * Reads a network: the weights in one file or in shards, of any precision; a variant such as
   * {@code fp16} if it is the only one.
   *
   * @param manager to keep the network under; its device is the network's
   * @throws IllegalArgumentException if a file is missing or malformed, an option is not supported,
   *     the weights are not those of the configuration, or are pickled
   */
  public static UNet2DModel load(NDManager manager, Path folder) throws IOException {
    Path file = folder.resolve(CONFIG);
    if (!Files.isRegularFile(file)) {
      throw new IllegalArgumentException(
          WeightFiles.existIn(folder)
              ? "Expected a %s beside the weights in %s, found none, as where accelerate has saved its state. Pass the configuration, too."
                  .formatted(CONFIG, folder)
              : "Expected a network in %s, found no %s there. Check the path."
                  .formatted(folder, CONFIG));
    }
    try {
      return load(manager, folder, Json.read(file, UNet2DModelConfig::fromJson));
    } catch (MalformedJson e) {
      throw new IllegalArgumentException(
          "Expected the options of a network in %s, found %s. Copy or download the folder again."
              .formatted(file, e.getMessage()),
          e);
    }
  }

  /**
   * Reads weights that have no configuration beside them, such as {@code model.safetensors} where
   * accelerate's {@code save_state} has written it.
   *
   * @param path a folder, or a safetensors file such as {@code model_1.safetensors}, accelerate's
   *     second model
   * @throws IllegalArgumentException as {@link #load(NDManager, Path)}
   */
  public static UNet2DModel load(NDManager manager, Path path, UNet2DModelConfig config)
      throws IOException {
    WeightFiles weights = WeightFiles.of(path);
    List<Path> files = weights.files();
    if (!weights.ignored().isEmpty()) {
      LOG.warn(
          "Reading {} in {}. Left alone: {}. A pickle is never opened, because it could run any program.",
          files.get(0).getFileName(),
          path,
          String.join(", ", weights.ignored()));
    }
    requireSize(path, files, config);
    UNet2DModel model = UNet2DModel.uninitialized(manager, config);
    try (NDManager reading = manager.newSubManager()) {
      Map<String, NDArray> missing = new LinkedHashMap<>(model.parameters());
      for (Path file : files) {
        Safetensors.forEach(reading, file, (name, value) -> copy(path, name, value, missing));
      }
      overwrite(path, missing, Map.of());
      return model;
    } catch (IOException | RuntimeException e) {
      model.close();
      throw e;
    }
  }

  /** Refuses a large network whose weights are not there before memory is taken for it. */
  private static void requireSize(Path path, List<Path> files, UNet2DModelConfig config) {
    long bytes = files.stream().map(Path::toFile).mapToLong(File::length).sum();
    double weights = config.minNumParameters();
    if (weights * Float.BYTES > LARGE_BYTES && bytes < weights * Short.BYTES) {
      throw new IllegalArgumentException(
          "Expected at least %s bytes of weights in %s for this configuration, found %s. Pass the configuration of these weights."
              .formatted((long) (weights * Short.BYTES), path, bytes));
    }
  }

  /** Copies a weight into the parameter of its name, which is then no longer missing. */
  private static void copy(Path path, String name, NDArray value, Map<String, NDArray> missing) {
    String current = WeightNames.current(name);
    NDArray parameter = missing.remove(current);
    try (value) {
      overwrite(
          path, parameter == null ? Map.of() : Map.of(current, parameter), Map.of(current, value));
    }
  }

  private static void overwrite(
      Path path, Map<String, NDArray> parameters, Map<String, NDArray> state) {
    try {
      StateDict.load(parameters, state);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(path + ": " + e.getMessage(), e);
    }
  }
}
