package emnist.diffusion.training;

import ai.djl.engine.Engine;
import com.google.gson.Gson;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import emnist.diffusion.checkpoint.Checkpoint;
import emnist.diffusion.checkpoint.RunPosition;
import emnist.diffusion.config.JsonDifferences;
import emnist.diffusion.config.StrictJson;
import emnist.diffusion.data.EmnistDataset;

/** What a checkpoint says about how it came about, enough to run it again and to go on with it. */
final class RunDescription {

  private static final Gson GSON = new Gson();
  private static final String TRAINING = "training";
  private static final String DATASET = "dataset";
  private static final String SOURCE = "source";
  private static final String LOSS_CURVE = "loss_curve";

  private final JsonObject settings = new JsonObject();
  private final JsonObject run;

  RunDescription(TrainingLoop loop, EmnistDataset data) {
    settings.add(TRAINING, loop.config().toJson());
    settings.add("unet", JsonParser.parseString(loop.model().config().toJson()));
    settings.add("scheduler", JsonParser.parseString(loop.noiseScheduler().config().toJson()));
    JsonObject dataset = new JsonObject();
    dataset.addProperty("images", data.size());
    dataset.addProperty("sha256", data.sha256());
    dataset.add("classNames", GSON.toJsonTree(data.classNames()));
    settings.add(DATASET, dataset);
    run = settings.deepCopy();
    run.getAsJsonObject(DATASET).addProperty(SOURCE, data.source());
    JsonObject versions = new JsonObject();
    versions.addProperty("java", System.getProperty("java.version"));
    versions.addProperty("pytorch", Engine.getInstance().getVersion());
    versions.addProperty("device", loop.model().manager().getDevice().toString());
    run.add("versions", versions);
  }

  /** The description at a moment of the run. */
  JsonObject at(RunPosition progress, LossCurve.State losses) {
    JsonObject description = run.deepCopy();
    progress.addTo(description);
    description.add(LOSS_CURVE, GSON.toJsonTree(losses));
    return description;
  }

  /** The losses up to the moment that {@link #at} has described. */
  static LossCurve.State losses(JsonObject description) {
    return GSON.fromJson(description.get(LOSS_CURVE), LossCurve.State.class);
  }

  /** Of a description, what decides how the run goes. */
  private JsonObject whatDecides(JsonObject description) {
    JsonObject decides = description.deepCopy();
    decides.keySet().retainAll(settings.keySet());
    if (decides.has(DATASET)) {
      decides.getAsJsonObject(DATASET).remove(SOURCE); // the same data may lie elsewhere
    }
    if (decides.has(TRAINING)) {
      decides.getAsJsonObject(TRAINING).keySet().removeAll(TrainingConfig.RETENTION);
    }
    return decides;
  }

  /**
   * Checks that a checkpoint is one of this run.
   *
   * @param description its {@code run.json}
   * @throws IllegalArgumentException if settings or data differ, naming what differs
   */
  void requireSameRun(Checkpoint checkpoint, JsonObject description) {
    JsonObject found = whatDecides(description);
    JsonObject wanted = whatDecides(StrictJson.object(StrictJson.parse(settings.toString())));
    if (!found.equals(wanted)) {
      throw new IllegalArgumentException(
          "Expected the same run in %s, found another: %s. Train with its settings and data, or begin anew."
              .formatted(checkpoint.folder(), JsonDifferences.of(wanted, found)));
    }
  }
}
