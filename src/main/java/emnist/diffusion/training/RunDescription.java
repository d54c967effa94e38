package emnist.diffusion.training;

import ai.djl.engine.Engine;
import com.fasterxml.jackson.databind.node.ObjectNode;
import emnist.diffusion.checkpoint.Checkpoint;
import emnist.diffusion.checkpoint.RunPosition;
import emnist.diffusion.config.Json;
import emnist.diffusion.config.JsonDifferences;
import emnist.diffusion.data.EmnistDataset;
import emnist.diffusion.model.UNet2DModel;
import emnist.diffusion.scheduler.Scheduler;

/** What a checkpoint says about how it came about, enough to run it again and to go on with it. */
final class RunDescription {

  private static final String TRAINING = "training";
  private static final String DATASET = "dataset";
  private static final String SOURCE = "source";
  private static final String LOSS_CURVE = "loss_curve";

  private final ObjectNode settings = Json.newObject();
  private final ObjectNode run;

  RunDescription(
      TrainingConfig config, UNet2DModel model, Scheduler noiseScheduler, EmnistDataset data) {
    settings.set(TRAINING, config.toJson());
    settings.set("unet", Json.parse(model.config().toJson()));
    settings.set("scheduler", Json.parse(noiseScheduler.config().toJson()));
    ObjectNode dataset = settings.putObject(DATASET);
    dataset.put("images", data.size());
    dataset.put("sha256", data.sha256());
    data.classNames().forEach(dataset.putArray("classNames")::add);
    run = settings.deepCopy();
    ((ObjectNode) run.get(DATASET)).put(SOURCE, data.source());
    ObjectNode versions = run.putObject("versions");
    versions.put("java", System.getProperty("java.version"));
    versions.put("pytorch", Engine.getInstance().getVersion());
    versions.put("device", model.manager().getDevice().toString());
  }

  /** The description at a moment of the run. */
  ObjectNode at(RunPosition progress, LossCurve.State losses) {
    ObjectNode description = run.deepCopy();
    progress.addTo(description);
    description.set(LOSS_CURVE, Json.tree(losses));
    return description;
  }

  /** The losses up to the moment that {@link #at} has described. */
  static LossCurve.State losses(ObjectNode description) {
    return Json.read(description.get(LOSS_CURVE), LossCurve.State.class);
  }

  /** Of a description, what decides how the run goes. */
  private ObjectNode whatDecides(ObjectNode description) {
    ObjectNode decides = description.deepCopy();
    decides.retain(Json.names(settings));
    if (decides.get(DATASET) instanceof ObjectNode dataset) {
      dataset.remove(SOURCE); // the same data may lie elsewhere
    }
    if (decides.get(TRAINING) instanceof ObjectNode training) {
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
  void requireSameRun(Checkpoint checkpoint, ObjectNode description) {
    ObjectNode found = whatDecides(description);
    ObjectNode wanted = whatDecides(settings);
    if (!Json.equal(found, wanted)) {
      throw new IllegalArgumentException(
          "Expected the same run in %s, found another: %s. Train with its settings and data, or begin anew."
              .formatted(checkpoint.folder(), JsonDifferences.of(wanted, found)));
    }
  }
}
