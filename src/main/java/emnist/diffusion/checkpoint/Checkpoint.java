package emnist.diffusion.checkpoint;

import static emnist.diffusion.checkpoint.SavePrecision.FLOAT32;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import emnist.diffusion.files.AtomicFiles;
import emnist.diffusion.model.UNet2DModel;
import emnist.diffusion.model.UNet2DModelConfig;
import emnist.diffusion.scheduler.Scheduler;
import emnist.diffusion.scheduler.SchedulerConfig;
import emnist.diffusion.torch.StateDict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SortedMap;
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
 * optimizer.safetensors             AdamW's state, in the two newest epochs
 * run.json                          how it came about, and how far its run is
 * manifest.json                     size and SHA-256 of each of these
 * </pre>
 *
 * <p>A file is compared with the manifest before it is read. A folder that Python has written has
 * no manifest and no {@code run.json}; it is read as it is.
 *
 * @param folder an epoch's, or one that diffusers or accelerate has written
 */
public record Checkpoint(Path folder) {

  /** The state of a run that was stopped within an epoch. */
  public static final String INTERRUPTED = "interrupted";

  private static final Pattern EPOCH = Pattern.compile("epoch_([1-9]\\d{0,8})");
  private static final String UNET = PretrainedModel.UNET;
  private static final String UNET_EMA = "unet_ema";
  private static final String SCHEDULER = PretrainedModel.SCHEDULER;
  private static final String INDEX = PretrainedModel.INDEX;
  private static final String OPTIMIZER = "optimizer.safetensors";
  private static final String RUN = "run.json";
  private static final List<String> FOLDERS = List.of(UNET, UNET_EMA, "scheduler");

  /**
   * What a checkpoint holds.
   *
   * @param averaged the moving average of {@code unet}
   * @param optimizer its state, arrays by name
   */
  public record State(
      UNet2DModel unet,
      UNet2DModel averaged,
      Map<String, NDArray> optimizer,
      SchedulerConfig schedulerConfig,
      RunRecord run) {}

  /**
   * The checkpoint of an epoch.
   *
   * @param outputDir the folder of the run, such as {@code emnist_diffusion_model}; or one of a
   *     single network, which is opened whatever the epoch
   * @throws IllegalArgumentException if there is no such epoch
   */
  public static Checkpoint of(Path outputDir, int epoch) throws IOException {
    Path folder = AtomicFiles.readable(outputDir.resolve(name(epoch)));
    if (!Files.isDirectory(folder)) {
      List<Integer> epochs = epochs(outputDir);
      if (epochs.isEmpty() && existsIn(outputDir)) {
        return new Checkpoint(outputDir);
      }
      String found =
          epochs.isEmpty()
              ? "no epochs. Train first: run egitim.ipynb."
              : "epochs %s. Choose one of these, or train longer.".formatted(epochs);
      throw new IllegalArgumentException(
          "Expected epoch %s in %s, found %s".formatted(epoch, outputDir, found));
    }
    return new Checkpoint(folder);
  }

  /** Whether a folder has an epoch, or is that of a single network. */
  public static boolean existsIn(Path outputDir) throws IOException {
    return !epochs(outputDir).isEmpty()
        || WeightFiles.existIn(outputDir.resolve(new Checkpoint(outputDir).network()));
  }

  /**
   * The checkpoint to resume: the furthest one of the most recently started run. One that is
   * damaged or lacks the optimizer's state is skipped with a warning.
   *
   * @return nothing if there is no checkpoint
   * @throws IllegalArgumentException if there are some, and all had to be skipped
   */
  public static Optional<Checkpoint> latest(Path outputDir) throws IOException {
    return LatestCheckpoint.find(outputDir);
  }

  /** The name of an epoch's folder. */
  public static String name(int epoch) {
    return "epoch_" + epoch;
  }

  /** The epoch whose folder has that name; none for any other name, {@code epoch_007} included. */
  public static OptionalInt epoch(String name) {
    Matcher matcher = EPOCH.matcher(name);
    return matcher.matches()
        ? OptionalInt.of(Integer.parseInt(matcher.group(1)))
        : OptionalInt.empty();
  }

  /** The epochs that have a folder in {@code outputDir}, in ascending order. */
  public static List<Integer> epochs(Path outputDir) throws IOException {
    return AtomicFiles.names(outputDir).stream()
        .filter(name -> Files.isDirectory(AtomicFiles.readable(outputDir.resolve(name))))
        .flatMapToInt(name -> epoch(name).stream())
        .sorted()
        .boxed()
        .toList();
  }

  /**
   * Writes the checkpoint into {@code outputDir/name}, beside its final place first: one that
   * exists is complete, and a failure leaves the one that was there before.
   */
  public static Checkpoint write(Path outputDir, String name, State state) throws IOException {
    AtomicFiles.writeFolder(
        outputDir.resolve(name),
        partial -> {
          Path optimizer = partial.resolve(OPTIMIZER);
          SortedMap<String, Fingerprint> written =
              Fingerprint.ofWritingAtOnce(
                  () ->
                      PretrainedModel.writePipeline(
                          partial, state.unet(), state.schedulerConfig(), null, FLOAT32),
                  () -> PretrainedModel.write(partial, UNET_EMA, state.averaged(), FLOAT32),
                  () -> Map.of(OPTIMIZER, Safetensors.write(optimizer, state.optimizer())));
          written.put(RUN, Fingerprint.ofWriting(partial.resolve(RUN), state.run().toJson()));
          VerifiedFolder.writeManifest(partial, written);
        });
    return new Checkpoint(outputDir.resolve(name));
  }

  /** Compares every file with the manifest; names one that is missing, differs or is not listed. */
  public void verify() throws IOException {
    files().verify(FOLDERS);
  }

  /**
   * The network to generate with: the moving average, or the trained one where there is none.
   *
   * @throws IllegalArgumentException as {@link PretrainedModel#load(NDManager, Path)}
   */
  public UNet2DModel unet(NDManager manager) throws IOException {
    return PretrainedModel.load(manager, files().resolve(network()));
  }

  /** The same with options for a folder without its own, such as one of accelerate's. */
  public UNet2DModel unet(NDManager manager, UNet2DModelConfig config) throws IOException {
    return hasConfig()
        ? unet(manager)
        : PretrainedModel.load(manager, files().resolve(network()), config);
  }

  private boolean hasConfig() {
    return Files.exists(folder.resolve(network()).resolve(PretrainedModel.CONFIG));
  }

  /** What an epoch of this project has and this folder has not, in sentences. */
  public String whatIsAbsent() throws IOException {
    List<String> absent = new ArrayList<>();
    if (!hasConfig()) {
      absent.add("There is no config.json: the options of the network are those given.");
    }
    if (!has(SCHEDULER)) {
      absent.add("There is no scheduler_config.json: the scheduler is the one given.");
    }
    if (!has(RUN) && nullClass() == null) {
      absent.add("There is no run.json: its data and its null class are unknown.");
    }
    if (!has(UNET_EMA)) {
      absent.add("There is no unet_ema: the only weights are used.");
    }
    return absent.isEmpty() ? "Nothing is absent." : String.join(" ", absent);
  }

  private boolean has(String name) {
    return Files.exists(folder.resolve(name));
  }

  private VerifiedFolder files() {
    return new VerifiedFolder(folder, RUN);
  }

  /** Where the network to generate with lies in the folder; empty for the folder itself. */
  private String network() {
    return Stream.of(UNET_EMA, UNET)
        .filter(name -> files().hasManifest() || Files.isDirectory(folder.resolve(name)))
        .findFirst()
        .orElse("");
  }

  /**
   * Overwrites the arrays of a network, its average and an optimizer with the state to resume with.
   *
   * @throws IllegalArgumentException if a file is missing or damaged, or holds other arrays
   */
  public void restore(
      NDManager manager,
      Map<String, NDArray> weights,
      Map<String, NDArray> emaWeights,
      Map<String, NDArray> optimizer)
      throws IOException {
    requireState();
    load(manager, OPTIMIZER, optimizer);
    load(manager, UNET + "/" + PretrainedModel.WEIGHTS, weights);
    load(manager, UNET_EMA + "/" + PretrainedModel.WEIGHTS, emaWeights);
  }

  private void load(NDManager manager, String name, Map<String, NDArray> arrays)
      throws IOException {
    try (NDManager reading = manager.newSubManager()) {
      StateDict.load(arrays, Safetensors.read(reading, folder.resolve(name)));
    }
  }

  /** Checks that every file is as it was written, and that the optimizer's state is among them. */
  void requireState() throws IOException {
    if (!files().verify(FOLDERS).contains(OPTIMIZER)) {
      throw new IllegalArgumentException(
          "Expected an %s in %s, found none: only the newest epochs keep it. Resume one of these."
              .formatted(OPTIMIZER, folder));
    }
  }

  /** The scheduler the network was trained with. */
  public Scheduler scheduler() throws IOException {
    return files().read(SCHEDULER, Scheduler::fromJson);
  }

  /** The same with a scheduler for a folder without its own. */
  public Scheduler scheduler(Scheduler otherwise) throws IOException {
    return has(SCHEDULER) || files().hasManifest() ? scheduler() : otherwise;
  }

  /** The null class, from {@code run.json} or else {@code model_index.json}; null if unknown. */
  public Integer nullClass() throws IOException {
    if (!has(RUN) || !files().hasManifest()) {
      return has(INDEX) ? files().read(INDEX, PretrainedModel::nullClass) : null;
    }
    String unet = UNET + "/" + PretrainedModel.CONFIG;
    return run().settings().labelDropout() == 0
        ? null
        : files().read(unet, UNet2DModelConfig::fromJson).numClassEmbeds() - 1;
  }

  /** The description of the run. */
  public RunRecord run() throws IOException {
    return files().read(RUN, RunRecord::fromJson);
  }

  /** Deletes the optimizer's state: twice the size of the weights, and only needed to resume. */
  public void dropOptimizer() throws IOException {
    files().delete(OPTIMIZER);
  }

  public void delete() throws IOException {
    AtomicFiles.deleteFolder(folder);
  }
}
