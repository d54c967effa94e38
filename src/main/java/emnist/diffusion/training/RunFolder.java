package emnist.diffusion.training;

import emnist.diffusion.checkpoint.Checkpoint;
import emnist.diffusion.checkpoint.RunRecord.RunPosition;
import emnist.diffusion.files.AtomicFiles;
import emnist.diffusion.files.FileTree;
import emnist.diffusion.files.FolderLock;
import emnist.diffusion.files.FreeSpace;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The output folder of a run: locks it, checks its disk space, and deletes checkpoints that need
 * not be kept.
 */
final class RunFolder implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(RunFolder.class);

  /** Epochs that keep their optimizer state: the newest, and one more in case that is damaged. */
  private static final int OPTIMIZER_STATES = 2;

  private static final Set<String> WRITTEN_BY_PYTHON =
      Set.of("model_index.json", "model.safetensors", "pytorch_model.bin");

  private final Path outputDir;
  private final TrainingConfig config;
  private final long weightBytes;
  private final long optimizerBytes;
  private FolderLock lock;

  RunFolder(Path outputDir, TrainingConfig config, long parameters) {
    this.outputDir = outputDir;
    this.config = config;
    this.weightBytes = 2 * parameters * Float.BYTES; // trained and averaged weights
    this.optimizerBytes = (config.adamw().amsgrad() ? 3 : 2) * parameters * Float.BYTES;
  }

  /**
   * Locks the folder, created if missing, and deletes what a crash left there.
   *
   * @param parameters number of the network's weights
   * @param fromEpoch the first epoch that will be saved
   * @throws IllegalArgumentException if an epoch to be replaced was written in Python
   * @throws IOException if the folder cannot be made or written to, if a file has the name of a
   *     checkpoint to be written, or if the disk has no room for the checkpoints
   * @throws IllegalStateException if another run holds the folder
   */
  static RunFolder open(Path outputDir, TrainingConfig config, long parameters, int fromEpoch)
      throws IOException {
    RunFolder folder = new RunFolder(outputDir, config, parameters);
    if (!Files.exists(outputDir)) {
      folder.requireSpace(fromEpoch); // a folder that is refused is not made
    }
    folder.lock = FolderLock.take(outputDir, "training");
    try {
      if (!Files.isWritable(outputDir)) {
        throw new IOException(
            "Expected the permission to write into %s, found none. Choose another folder with OUTPUT_DIR, or change it."
                .formatted(outputDir));
      }
      folder.requireOwnEpochs(fromEpoch);
      folder.clearUp(fromEpoch);
      folder.requireSpace(fromEpoch);
      return folder;
    } catch (IOException | RuntimeException e) {
      folder.close();
      throw e;
    }
  }

  /** Requires that no epoch to be replaced is one that accelerate or diffusers has written. */
  private void requireOwnEpochs(int fromEpoch) throws IOException {
    for (Path folder : epochsToBeReplaced(fromEpoch)) {
      Set<String> names = AtomicFiles.names(folder);
      if (names.stream().anyMatch(WRITTEN_BY_PYTHON::contains)
          && !names.contains("manifest.json")) {
        throw new IllegalArgumentException(
            "Expected no other program's epochs where training writes, found %s. Choose another folder with OUTPUT_DIR, or move it away."
                .formatted(folder));
      }
    }
  }

  private List<Path> epochsToBeReplaced(int fromEpoch) throws IOException {
    return Checkpoint.epochs(outputDir).stream()
        .map(Checkpoint::name)
        .filter(name -> isToBeWritten(name, fromEpoch))
        .map(name -> AtomicFiles.readable(outputDir.resolve(name)))
        .toList();
  }

  private static boolean isCheckpoint(String name) {
    return name.equals(Checkpoint.INTERRUPTED) || Checkpoint.epoch(name).isPresent();
  }

  /** Whether a checkpoint is one of the epochs left, or {@code interrupted}. */
  private boolean isToBeWritten(String name, int fromEpoch) {
    return Checkpoint.epoch(name).stream()
        .allMatch(epoch -> epoch >= fromEpoch && epoch <= config.numEpochs());
  }

  /**
   * Removes what a crash left, and refuses what stands in the way of a checkpoint to be written.
   */
  private void clearUp(int fromEpoch) throws IOException {
    AtomicFiles.removeLeftovers(outputDir);
    for (String name : AtomicFiles.names(outputDir)) {
      if (isCheckpoint(name)) {
        Path folder = outputDir.resolve(name);
        AtomicFiles.restore(folder);
        AtomicFiles.removeLeftovers(folder);
        if (isToBeWritten(name, fromEpoch)) {
          AtomicFiles.requireReplaceable(folder);
        }
      }
    }
  }

  /**
   * Requires disk space for the checkpoints from {@code fromEpoch} on, plus one being written.
   * Files that will be replaced count as free.
   */
  private void requireSpace(int fromEpoch) throws IOException {
    long left = config.numEpochs() - fromEpoch + 1L;
    long kept = left;
    if (config.checkpointsTotalLimit() != null) {
      kept = Math.min(left, config.checkpointsTotalLimit());
      if (config.keepEveryEpochs() != null) {
        kept += left / config.keepEveryEpochs();
      }
    }
    long optimizers = config.keepOptimizerStates() ? kept : Math.min(kept, OPTIMIZER_STATES);
    long bytes = (kept + 1) * weightBytes + (optimizers + 1) * optimizerBytes;
    FreeSpace.require(
        outputDir, Math.max(weightBytes + optimizerBytes, bytes - replacedBytes(fromEpoch)));
  }

  private long replacedBytes(int fromEpoch) throws IOException {
    long bytes = 0;
    for (Path folder : epochsToBeReplaced(fromEpoch)) {
      bytes += FileTree.bytes(folder);
    }
    return bytes;
  }

  /** Writes a checkpoint. */
  Checkpoint save(String name, Checkpoint.State state) throws IOException {
    FreeSpace.require(outputDir, weightBytes + optimizerBytes);
    return Checkpoint.write(outputDir, name, state);
  }

  /**
   * Deletes what is no longer needed once the epoch that ends at {@code newest} is on the disk. A
   * failure is a warning: training does not need the room yet.
   */
  void prune(RunPosition newest) throws IOException {
    for (String name : AtomicFiles.names(outputDir)) {
      try {
        if (isCheckpoint(name)) {
          prune(name, newest);
        }
      } catch (ClosedByInterruptException e) {
        throw e;
      } catch (IOException | IllegalArgumentException e) {
        LOG.warn("Leaving {} in {}: {}", name, outputDir, e.toString());
      }
    }
  }

  private void prune(String name, RunPosition newest) throws IOException {
    Checkpoint checkpoint = new Checkpoint(outputDir.resolve(name));
    if (!Files.isDirectory(checkpoint.folder())) {
      return;
    }
    if (name.equals(Checkpoint.INTERRUPTED)) {
      RunPosition reached = checkpoint.run().position();
      if (reached.started().equals(newest.started()) && reached.compareTo(newest) <= 0) {
        checkpoint.delete(); // the same run has passed it
      }
      return;
    }
    Integer limit = config.checkpointsTotalLimit();
    Integer every = config.keepEveryEpochs();
    int epoch = Checkpoint.epoch(name).getAsInt();
    int age = newest.epoch() - epoch;
    if (limit != null && age >= limit && (every == null || epoch % every != 0)) {
      checkpoint.delete();
    } else if (age >= OPTIMIZER_STATES && !config.keepOptimizerStates()) {
      checkpoint.dropOptimizer();
    }
  }

  /** Says in words where the last good checkpoint of the run at {@code position} is. */
  static String lastGood(Path outputDir, RunPosition position) {
    try {
      Optional<Checkpoint> latest = Checkpoint.latest(outputDir);
      if (latest.isPresent()
          && latest.get().run().position().started().equals(position.started())) {
        return "the last good checkpoint is " + latest.get().folder();
      }
    } catch (IOException | IllegalArgumentException e) {
      LOG.warn("Looking for a checkpoint failed.", e);
    }
    return "the run has no good checkpoint yet";
  }

  /** Unlocks the folder. */
  @Override
  public void close() throws IOException {
    lock.close();
  }
}
