package emnist.diffusion.extras.quality;

import emnist.diffusion.evaluation.PngWriter;
import emnist.diffusion.extras.metrics.NearestNeighbours.Neighbour;
import emnist.diffusion.files.AtomicFiles;
import emnist.diffusion.generation.DDPMPipeline;
import emnist.diffusion.generation.GenerationRequest;
import emnist.diffusion.generation.SeededNoise;
import emnist.diffusion.image.ImageBatch;
import emnist.diffusion.image.ImageGrid;
import emnist.diffusion.metrics.FeatureExtractor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Images that a network generates without guidance from the seeds 0, 1, 2, ..., and what is
 * measured on them.
 *
 * @param name the network's, for people
 * @param pipeline a network with the classes of the real images, and its scheduler
 * @param classifier trained on the training images
 * @param real what to compare with
 * @param images how many to generate, equally many of each class
 * @param steps network calls per image
 */
record QualityRun(
    String name,
    DDPMPipeline pipeline,
    FeatureExtractor classifier,
    RealImages real,
    int images,
    int steps) {

  private static final int FIRST_SEED = 0;
  private static final int NO_GUIDANCE = 1;

  /** Generated images of each class in the picture of letters. */
  private static final int ROWS = 10;

  /**
   * Generates and measures, then writes {@code quality.md} and its pictures, replacing older ones.
   *
   * @return the text of {@code quality.md}
   * @throws InterruptedException if the thread was interrupted; nothing is then written
   */
  String writeInto(Path folder) throws IOException, InterruptedException {
    ImageBatch samples = pipeline.generate(labels(images), FIRST_SEED, steps);
    Quality quality = new QualityMeasurement(real, classifier).of(samples);
    String text = new QualityReport(this, quality, LocalDate.now(ZoneOffset.UTC)).text();
    AtomicFiles.writeFile(folder.resolve("quality.md"), file -> Files.writeString(file, text));
    writeLetters(folder.resolve("letters.png"), samples);
    writeNearest(
        folder.resolve("nearest_neighbours.png"), samples, quality.memorisation().nearest());
    return text;
  }

  private void writeLetters(Path png, ImageBatch samples) throws IOException {
    int shown = ROWS * real.classes();
    PngWriter.write(png, grid().draw(samples.slice(0, shown)), request(shown).text());
  }

  /** The first generated image of each class above the training images most like it. */
  private void writeNearest(Path png, ImageBatch samples, List<List<Neighbour>> nearest)
      throws IOException {
    int shown = real.classes();
    ImageBatch rows =
        ImageBatch.concat(
            List.of(
                samples.slice(0, shown),
                training(nearest.subList(0, shown), 0),
                training(nearest.subList(0, shown), 1)));
    ImageGrid grid = grid().withRowCaptions(List.of("generated", "nearest", "second"));
    PngWriter.write(png, grid.draw(rows), request(shown).text());
  }

  private ImageBatch training(List<List<Neighbour>> nearest, int rank) {
    return real.train()
        .images(nearest.stream().mapToInt(neighbours -> neighbours.get(rank).index()).toArray());
  }

  private ImageGrid grid() {
    return ImageGrid.ofColumns(real.classes())
        .withScale(2)
        .withColumnCaptions(real.train().classNames());
  }

  /** What the first images are generated from. */
  private GenerationRequest request(int first) {
    long[] seeds = SeededNoise.seeds(FIRST_SEED, first);
    return GenerationRequest.of(pipeline, labels(first), seeds, steps, NO_GUIDANCE);
  }

  /** All classes in turn. */
  private int[] labels(int first) {
    return pipeline
        .conditioning()
        .labels(IntStream.range(0, first).map(i -> i % real.classes()).toArray());
  }
}
