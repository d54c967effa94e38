package emnist.diffusion.checkpoint;

import emnist.diffusion.checkpoint.RunRecord.RunPosition;
import emnist.diffusion.files.AtomicFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finds the checkpoint to resume. */
final class LatestCheckpoint {

  private static final Logger LOG = LoggerFactory.getLogger(LatestCheckpoint.class);

  private LatestCheckpoint() {}

  /** See {@link Checkpoint#latest}. */
  static Optional<Checkpoint> find(Path outputDir) throws IOException {
    AtomicFiles.requireFolder(outputDir);
    // Epochs come first, so that of two checkpoints that are as far the epoch is chosen.
    List<Checkpoint> checkpoints =
        Stream.concat(
                Checkpoint.epochs(outputDir).stream().map(Checkpoint::name),
                Stream.of(Checkpoint.INTERRUPTED))
            .map(name -> AtomicFiles.readable(outputDir.resolve(name)))
            .filter(Files::isDirectory)
            .map(Checkpoint::new)
            .toList();
    Map<Checkpoint, RunPosition> positions = new LinkedHashMap<>();
    for (Checkpoint checkpoint : checkpoints) {
      succeeds(checkpoint, () -> positions.put(checkpoint, checkpoint.run().position()));
    }
    Optional<Checkpoint> furthest =
        positions.keySet().stream()
            .sorted(Comparator.comparing(positions::get).reversed())
            .filter(checkpoint -> succeeds(checkpoint, checkpoint::requireState))
            .findFirst();
    if (furthest.isEmpty() && !checkpoints.isEmpty()) {
      throw new IllegalArgumentException(
          "Expected a checkpoint to resume in %s, found %s that cannot serve, as the warnings say. Copy one of them again, or choose another folder."
              .formatted(outputDir, checkpoints.size()));
    }
    return furthest;
  }

  private interface Reading {
    void run() throws IOException;
  }

  /** Whether reading succeeds; logs a warning where it fails. */
  private static boolean succeeds(Checkpoint checkpoint, Reading reading) {
    try {
      reading.run();
      return true;
    } catch (IOException | IllegalArgumentException e) {
      LOG.warn("Skipping {}. {}", checkpoint.folder(), e.getMessage());
      return false;
    }
  }
}
