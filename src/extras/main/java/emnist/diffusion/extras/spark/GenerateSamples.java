package emnist.diffusion.extras.spark;

import ai.djl.ndarray.NDManager;
import emnist.diffusion.classifier.LetterClassifier;
import emnist.diffusion.data.EmnistDataset;
import emnist.diffusion.extras.metrics.MergedStatistics;
import emnist.diffusion.extras.shards.SampleFolder;
import emnist.diffusion.extras.shards.SampleSet;
import emnist.diffusion.metrics.FeatureStatistics;
import emnist.diffusion.metrics.FrechetDistance;
import emnist.diffusion.walkthrough.Settings;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The command line: generates a sample set in shards and scores it against the test letters. */
@Command(
    name = "GenerateSamples",
    description =
        "Generates images in shards on Apache Spark and scores them. Run again to resume.")
public final class GenerateSamples implements Callable<Integer> {

  /** Real images that the classifier sees at a time. */
  private static final int BATCH_SIZE = 1024;

  /** What every worker must know as well: which data, which device, how many threads. */
  private static final List<String> ENVIRONMENT =
      List.of("EMNIST_DIR", "EMNIST_SPLIT", "DATASET_LIMIT", "DEVICE", "OMP_NUM_THREADS");

  @Option(names = "--checkpoint", required = true, description = "folder of an epoch")
  private Path checkpoint;

  @Option(names = "--images", required = true, description = "images to generate")
  private long images;

  @Option(
      names = "--images-per-shard",
      description = "best a multiple of 64; default ${DEFAULT-VALUE}")
  private int imagesPerShard = 8000;

  @Option(names = "--steps", description = "network calls per image; default ${DEFAULT-VALUE}")
  private int steps = 20;

  @Option(names = "--output", required = true, description = "folder to generate into")
  private Path output;

  @Option(names = "--master", description = "the Spark cluster; default ${DEFAULT-VALUE}")
  private String master = "local[*]";

  @Option(names = "--help", usageHelp = true, description = "list the options")
  private boolean help;

  public static void main(String[] arguments) {
    CommandLine command = new CommandLine(new GenerateSamples());
    command.setExecutionExceptionHandler(
        (exception, commandLine, parsed) -> {
          commandLine.getErr().println(SparkShards.reason(exception));
          return commandLine.getCommandSpec().exitCodeOnExecutionException();
        });
    System.exit(command.execute(arguments));
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    Settings settings = Settings.of(System.getenv());
    CheckpointWorker worker =
        new CheckpointWorker(
            checkpoint.toAbsolutePath().toString(), settings.cache().toAbsolutePath().toString());
    try (NDManager manager = NDManager.newBaseManager(settings.device())) {
      LetterClassifier classifier = worker.classifier(manager);
      SampleSet set =
          SampleSet.of(worker.pipeline(manager), classifier, images, imagesPerShard, steps);
      SampleFolder folder = SampleFolder.create(output, set);
      Instant start = Instant.now();
      int written = write(folder, worker);
      System.out.printf(
          Locale.ROOT,
          "%s of %s shards written to %s in %s s%n",
          written,
          set.shards().size(),
          output,
          Duration.between(start, Instant.now()).toSeconds());
      score(folder, settings.testSet(), classifier);
    }
    return CommandLine.ExitCode.OK;
  }

  private int write(SampleFolder folder, ShardWorker worker) throws IOException {
    SparkConf conf =
        new SparkConf()
            .setAppName("EMNIST samples")
            .setMaster(master)
            .setIfMissing("spark.ui.enabled", "false")
            .setIfMissing("spark.ui.showConsoleProgress", "true");
    if (master.startsWith("local")) {
      // No other machine needs to reach this process.
      conf.setIfMissing("spark.driver.host", "127.0.0.1");
    }
    for (String name : ENVIRONMENT) {
      if (System.getenv(name) != null) {
        conf.setExecutorEnv(name, System.getenv(name));
      }
    }
    try (JavaSparkContext spark = new JavaSparkContext(conf)) {
      return SparkShards.write(spark, folder, worker);
    }
  }

  private void score(SampleFolder folder, EmnistDataset test, LetterClassifier classifier)
      throws IOException {
    int dimension = classifier.dimension();
    FeatureStatistics real =
        test.batches(BATCH_SIZE)
            .map(batch -> FeatureStatistics.of(classifier.extract(batch).features(), dimension))
            .reduce(MergedStatistics.none(dimension), MergedStatistics::of);
    double distance = FrechetDistance.between(real, folder.statistics());
    System.out.printf(
        Locale.ROOT,
        "Fréchet classifier distance of %s generated images from %s real ones: %.3f (%s)%n",
        images,
        real.samples(),
        distance,
        classifier.name());
  }
}
