package emnist.diffusion.training;

import ai.djl.engine.Engine;
import com.fasterxml.jackson.databind.node.ObjectNode;
import emnist.diffusion.checkpoint.Checkpoint;
import emnist.diffusion.checkpoint.LossHistory;
import emnist.diffusion.checkpoint.RunRecord;
import emnist.diffusion.checkpoint.RunRecord.RunPosition;
import emnist.diffusion.config.Json;
import emnist.diffusion.data.EmnistDataset;

/** What the {@code run.json} of a run says: enough to repeat the run and to resume it. */
record RunDescription(
    RunRecord.Settings settings, RunRecord.Versions versions, boolean trainedBefore) {

  RunDescription(TrainingLoop loop, EmnistDataset data, boolean trainedBefore) {
    this(
        new RunRecord.Settings(
            loop.config().toJson(),
            Json.object(Json.parse(loop.model().config().toJson())),
            Json.object(Json.parse(loop.noiseScheduler().config().toJson())),
            new RunRecord.Dataset(data.size(), data.sha256(), data.classNames(), data.source())),
        new RunRecord.Versions(
            System.getProperty("java.version"),
            Engine.getInstance().getVersion(),
            loop.model().manager().getDevice().toString()),
        trainedBefore);
  }

  /** The description at a moment of the run: at the end of an epoch if there is a loss. */
  RunRecord at(RunPosition position, LossHistory losses, Double loss) {
    return new RunRecord(settings, versions, position, losses, loss, loss == null, trainedBefore);
  }

  /** The settings that decide how the run goes. */
  private static ObjectNode whatDecides(RunRecord.Settings settings) {
    ObjectNode decides = Json.tree(settings);
    if (decides.get("dataset") instanceof ObjectNode dataset) {
      dataset.remove("source"); // the same data may lie elsewhere
    }
    if (decides.get("training") instanceof ObjectNode training) {
      training.remove(TrainingConfig.RETENTION);
    }
    return decides;
  }

  /**
   * Checks that a checkpoint is one of this run.
   *
   * @param description its {@code run.json}
   * @throws IllegalArgumentException if settings or data differ, naming what differs
   */
  void requireSameRun(Checkpoint checkpoint, RunRecord description) {
    ObjectNode found = whatDecides(description.settings());
    ObjectNode wanted = whatDecides(settings);
    if (!Json.equal(wanted, found)) {
      throw new IllegalArgumentException(
          "Expected the same run in %s, found another: %s. Train with its settings and data, or start over."
              .formatted(checkpoint.folder(), Json.differences(wanted, found)));
    }
    if (description.lossCurve() == null || description.position().epoch() == 0) {
      throw new IllegalArgumentException(
          "Expected an epoch and a loss_curve in the run.json of %s, found none. Resume another checkpoint."
              .formatted(checkpoint.folder()));
    }
  }
}
