package emnist.diffusion.evaluation;

import emnist.diffusion.generation.DDPMPipeline;
import emnist.diffusion.generation.GenerationRequest;
import emnist.diffusion.generation.SeededNoise;
import emnist.diffusion.image.ImageBatch;
import emnist.diffusion.image.LetterStrip;
import emnist.diffusion.metrics.FeatureExtractor;
import emnist.diffusion.metrics.InceptionScore;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** One generated image of every class, side by side: the strip from A to Z. */
public final class LabelAlignedSamples {

  /** Enough for a class that has only a tenth of its fair share. */
  private static final int POOL_PER_CLASS = 10;

  private LabelAlignedSamples() {}

  /**
   * Generates the images, draws the strip, and writes it as a PNG that contains what it was
   * generated from, for {@link GenerationRequest#fromPng}.
   *
   * <p>A class-conditional network is asked for each class but its null class. An unconditional one
   * generates more images, of which the classifier chooses the most probable for each class. The
   * caption says how they were chosen.
   *
   * @param classifier has one logit for each class
   * @param classNames written into the tiles
   * @param firstSeed image i is generated from seed {@code firstSeed + i}
   * @param guidanceScale how much the class counts; 1 for no guidance
   * @param png where to write; replaced if it exists
   * @return the strip, 200 pixels high and 200 wide for each class
   * @throws IllegalArgumentException if there is not one name for each class of the classifier
   * @throws InterruptedException if the thread was interrupted; nothing is then written
   */
  public static BufferedImage showLabelAlignedImages(
      DDPMPipeline pipeline,
      FeatureExtractor classifier,
      List<String> classNames,
      long firstSeed,
      int numInferenceSteps,
      double guidanceScale,
      Path png)
      throws IOException, InterruptedException {
    int classes = classNames.size();
    if (classes != classifier.classes()) {
      throw new IllegalArgumentException(
          "Expected a name for each of the classifier's %s classes, found %s. Pass those of its training data."
              .formatted(classifier.classes(), classes));
    }
    PngWriter.requirePlace(png); // before hours may go into a picture
    int[] labels = pipeline.conditioning().labels(IntStream.range(0, classes).toArray());
    boolean conditional = pipeline.conditioning().isConditional();
    int generated = conditional ? classes : POOL_PER_CLASS * classes;
    long[] seeds = SeededNoise.seeds(firstSeed, generated);
    ImageBatch pool =
        pipeline.generate(
            conditional ? labels : new int[generated], seeds, numInferenceSteps, guidanceScale);
    int[] chosen =
        conditional ? IntStream.range(0, classes).toArray() : mostProbable(pool, classifier);
    ImageBatch images =
        ImageBatch.concat(IntStream.of(chosen).mapToObj(i -> pool.slice(i, i + 1)).toList());
    String choice =
        conditional
            ? "each generated for its class"
            : "chosen by the classifier from %s images".formatted(generated);
    String caption =
        "%s, %s steps, seed %s, guidance %s, %s"
            .formatted(
                pipeline.scheduler().config().className(),
                numInferenceSteps,
                firstSeed,
                guidanceScale,
                choice);
    BufferedImage strip = LetterStrip.draw(images, classNames, caption);
    long[] shown = IntStream.of(chosen).mapToLong(i -> seeds[i]).toArray();
    GenerationRequest request =
        GenerationRequest.of(pipeline, labels, shown, numInferenceSteps, guidanceScale);
    Map<String, String> text = new LinkedHashMap<>(request.text());
    text.put("parameters", caption);
    PngWriter.write(png, strip, text);
    return strip;
  }

  /** For each class the image that the classifier finds most probable. */
  private static int[] mostProbable(ImageBatch pool, FeatureExtractor classifier) {
    double[][] logProbabilities = InceptionScore.logSoftmax(classifier.extract(pool).logits());
    return IntStream.range(0, classifier.classes())
        .map(
            label ->
                IntStream.range(0, pool.n())
                    .boxed()
                    .max(Comparator.comparingDouble(i -> logProbabilities[i][label]))
                    .orElseThrow())
        .toArray();
  }
}
