package emnist.diffusion.extras.spark;

import ai.djl.ndarray.NDManager;
import emnist.diffusion.checkpoint.Checkpoint;
import emnist.diffusion.classifier.LetterClassifier;
import emnist.diffusion.extras.shards.SampleFolder;
import emnist.diffusion.extras.shards.ShardWriter;
import emnist.diffusion.generation.DDPMPipeline;
import emnist.diffusion.scheduler.DPMSolverMultistepScheduler;
import emnist.diffusion.walkthrough.Settings;
import java.io.IOException;
import java.nio.file.Path;

/**
 * Generates with DPM-Solver++ and the network of a checkpoint; the features are those of the letter
 * classifier of the data that the environment names.
 *
 * @param checkpoint the folder of an epoch, in the shared file system
 * @param cache where the classifier is stored, in the shared file system too; the driver trains it
 *     before workers load it
 */
record CheckpointWorker(String checkpoint, String cache) implements ShardWorker {

  private static final String TRAILING = "{\"timestep_spacing\": \"trailing\"}";
  private static final int CLASSIFIER_SEED = 0;

  @Override
  public ShardWriter open(NDManager manager, SampleFolder folder)
      throws IOException, InterruptedException {
    return new ShardWriter(folder, pipeline(manager), classifier(manager));
  }

  DDPMPipeline pipeline(NDManager manager) throws IOException {
    DDPMPipeline trained =
        DDPMPipeline.fromPretrained(manager, new Checkpoint(Path.of(checkpoint)));
    return trained.withScheduler(
        DPMSolverMultistepScheduler.fromConfig(trained.scheduler().config(), TRAILING));
  }

  LetterClassifier classifier(NDManager manager) throws IOException, InterruptedException {
    Settings settings = Settings.of(System.getenv());
    return LetterClassifier.trainOrLoad(
        manager, Path.of(cache), settings.trainSet(), CLASSIFIER_SEED);
  }
}
