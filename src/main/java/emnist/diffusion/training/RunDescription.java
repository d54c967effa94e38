package emnist.diffusion.training;

import ai.djl.engine.Engine;
import com.google.gson.Gson;
import com.google.gson.JsonObject;
import emnist.diffusion.data.EmnistDataset;
import emnist.diffusion.model.UNet2DModel;

/** What a checkpoint says about how it came about, enough to run it again. */
final class RunDescription {

  private final JsonObject run = new JsonObject();

  RunDescription(TrainingConfig config, UNet2DModel model, EmnistDataset data) {
    run.add("training", config.toJson());
    JsonObject dataset = new JsonObject();
    dataset.addProperty("source", data.source());
    dataset.addProperty("images", data.size());
    dataset.addProperty("sha256", data.sha256());
    dataset.add("classNames", new Gson().toJsonTree(data.classNames()));
    run.add("dataset", dataset);
    JsonObject versions = new JsonObject();
    versions.addProperty("java", System.getProperty("java.version"));
    versions.addProperty("pytorch", Engine.getInstance().getVersion());
    versions.addProperty("device", model.manager().getDevice().toString());
    run.add("versions", versions);
  }

  /** The description of a finished epoch. */
  JsonObject after(int epoch, double loss) {
    JsonObject description = run.deepCopy();
    description.addProperty("epoch", epoch);
    description.addProperty("loss", loss);
    return description;
  }

  /** The description of a run that was stopped inside an epoch. */
  JsonObject interrupted() {
    JsonObject description = run.deepCopy();
    description.addProperty("interrupted", true);
    return description;
  }
}
