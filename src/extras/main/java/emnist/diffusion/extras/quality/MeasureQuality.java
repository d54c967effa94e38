package emnist.diffusion.extras.quality;

import ai.djl.ndarray.NDManager;
import emnist.diffusion.checkpoint.Checkpoint;
import emnist.diffusion.checkpoint.RunRecord;
import emnist.diffusion.classifier.LetterClassifier;
import emnist.diffusion.data.EmnistDataset;
import emnist.diffusion.extras.command.Commands;
import emnist.diffusion.files.AtomicFiles;
import emnist.diffusion.generation.DDPMPipeline;
import emnist.diffusion.model.UNet2DModelConfig;
import emnist.diffusion.scheduler.DDIMScheduler;
import emnist.diffusion.scheduler.DDPMScheduler;
import emnist.diffusion.scheduler.DPMSolverMultistepScheduler;
import emnist.diffusion.scheduler.Scheduler;
import emnist.diffusion.scheduler.SchedulerConfig;
import emnist.diffusion.walkthrough.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The command line: generates images, measures them beside real ones, and writes a report. */
@Command(
    name = "MeasureQuality",
    description = "Measures images that a network generates beside real ones.")
public final class MeasureQuality implements Callable<Integer> {

  private enum Sampler {
    DPM,
    DDIM,
    DDPM
  }

  private static final String TRAILING = "{\"timestep_spacing\": \"trailing\"}";
  private static final int CLASSIFIER_SEED = 0;

  @Option(names = "--checkpoint", required = true, description = "folder of a network")
  private Path checkpoint;

  @Option(
      names = "--images",
      description = "a multiple of the number of classes; default ${DEFAULT-VALUE}")
  private int images = 2600;

  @Option(names = "--steps", description = "network calls per image; default ${DEFAULT-VALUE}")
  private int steps = 20;

  @Option(names = "--sampler", description = "DPM (solver), DDIM or DDPM; default ${DEFAULT-VALUE}")
  private Sampler sampler = Sampler.DPM;

  @Option(names = "--output", description = "folder of the report; default ${DEFAULT-VALUE}")
  private Path output = Path.of("quality");

  @Option(names = "--help", usageHelp = true, description = "list the options")
  private boolean help;

  public static void main(String[] arguments) {
    System.exit(Commands.of(new MeasureQuality()).execute(arguments));
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (!Files.isDirectory(checkpoint)) {
      throw new IllegalArgumentException(
          "Expected the folder of a network at %s, found none. Name one in CHECKPOINT."
              .formatted(checkpoint));
    }
    AtomicFiles.requireFolder(output);
    Settings settings = Settings.of(System.getenv());
    RealImages real = new RealImages(settings.trainSet(), settings.testSet());
    QualityMeasurement.requireImages(images, real.classes());
    try (NDManager manager = NDManager.newBaseManager(settings.device())) {
      DDPMPipeline pipeline = pipeline(manager, real);
      LetterClassifier classifier =
          LetterClassifier.trainOrLoad(manager, settings.cache(), real.train(), CLASSIFIER_SEED);
      String name = checkpoint.toAbsolutePath().normalize().getFileName().toString();
      QualityRun run = new QualityRun(name, pipeline, classifier, real, images, steps);
      System.out.println(run.writeInto(output));
    }
    return CommandLine.ExitCode.OK;
  }

  /** The network with the sampler, if its images can be compared with the real ones. */
  private DDPMPipeline pipeline(NDManager manager, RealImages real) throws IOException {
    DDPMPipeline trained = DDPMPipeline.fromPretrained(manager, checkpoint).withProgressBar();
    requireSize(trained.unet().config(), real.train());
    if (!trained.conditioning().isConditional()) {
      throw new IllegalArgumentException(
          "Expected a network with classes, found one without in %s. Choose one that can be asked for a letter."
              .formatted(checkpoint));
    }
    trained.conditioning().requireComparable(real.classes());
    requireClassNames(real.train().classNames());
    SchedulerConfig config = trained.scheduler().config();
    Scheduler scheduler =
        switch (sampler) {
          case DPM -> DPMSolverMultistepScheduler.fromConfig(config, TRAILING);
          case DDIM -> DDIMScheduler.fromConfig(config, TRAILING);
          case DDPM -> DDPMScheduler.fromConfig(config, TRAILING);
        };
    return trained.withScheduler(scheduler.withTimesteps(steps));
  }

  private void requireSize(UNet2DModelConfig network, EmnistDataset data) {
    Integer size = network.sampleSize();
    int channels = network.outChannels();
    if (size == null || size != data.height() || size != data.width() || channels != 1) {
      throw new IllegalArgumentException(
          "Expected a network for grey images of %s x %s pixels, found sample_size %s and %s channels in %s. Choose one trained on such images."
              .formatted(data.height(), data.width(), size, channels, checkpoint));
    }
  }

  /** Refuses a network of other classes, as far as its folder names them. */
  private void requireClassNames(List<String> expected) throws IOException {
    if (!Files.exists(checkpoint.resolve("run.json"))) {
      return;
    }
    RunRecord.Dataset data = new Checkpoint(checkpoint).run().settings().dataset();
    if (data != null && data.classNames() != null && !data.classNames().equals(expected)) {
      throw new IllegalArgumentException(
          "Expected a network of the classes %s, found one of %s in %s. Name its data in EMNIST_DIR and EMNIST_SPLIT."
              .formatted(expected, data.classNames(), checkpoint));
    }
  }
}
