package emnist.diffusion.evaluation;

import emnist.diffusion.generation.ClassLabels;
import emnist.diffusion.generation.DDPMPipeline;
import emnist.diffusion.generation.GenerationRequest;
import emnist.diffusion.image.ImageBatch;
import emnist.diffusion.image.LetterStrip;
import emnist.diffusion.image.PngWriter;
import emnist.diffusion.metrics.FeatureExtractor;
import emnist.diffusion.metrics.LogSoftmax;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/** One generated image of every class, side by side: the strip A to Z. */
public final class LabelAlignedSamples {

  /** Enough that a class with a tenth of its fair share still turns up. */
  private static final int POOL_PER_CLASS = 10;

  private LabelAlignedSamples() {}

  /**
   * Generates the images, draws the strip, and writes it as a PNG that says what it was generated
   * from; {@link GenerationRequest#fromPng} reads it.
   *
   * <p>A class-conditional network is asked for each class. From one without classes a pool is
   * generated, and the classifier picks the image it finds most probable for each class. The
   * caption says which.
   *
   * @param classifier judges images, with one logit for each class
   * @param classNames names of the classes, written into the tiles
   * @param firstSeed image i is generated from seed {@code firstSeed + i}
   * @param guidanceScale how much the class counts, 1 for no guidance
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
    requireNames(classifier, classNames);
    boolean conditional = pipeline.unet().config().numClassEmbeds() != null;
    int classes = classNames.size();
    int[] labels = ClassLabels.of(IntStream.range(0, classes).toArray(), pipeline.nullClass());
    long[] seeds = LongStream.range(firstSeed, firstSeed + classes).toArray();
    String choice = "each generated for its class";
    ImageBatch images;
    if (conditional) {
      images = pipeline.generate(labels, seeds, numInferenceSteps, guidanceScale);
    } else {
      int poolSize = POOL_PER_CLASS * classes;
      long[] poolSeeds = LongStream.range(firstSeed, firstSeed + poolSize).toArray();
      ImageBatch pool =
          pipeline.generate(new int[poolSize], poolSeeds, numInferenceSteps, guidanceScale);
      int[] chosen = mostProbable(pool, classifier);
      seeds = Arrays.stream(chosen).mapToLong(i -> firstSeed + i).toArray();
      images =
          ImageBatch.concat(Arrays.stream(chosen).mapToObj(i -> pool.slice(i, i + 1)).toList());
      choice = "chosen by the classifier from %d images".formatted(poolSize);
    }
    String caption =
        "%s, %d steps, seed %d, guidance %s, %s"
            .formatted(
                pipeline.scheduler().config().className(),
                numInferenceSteps,
                firstSeed,
                guidanceScale,
                choice);
    BufferedImage strip = LetterStrip.draw(images, classNames, caption);
    GenerationRequest generation =
        GenerationRequest.of(pipeline, labels, seeds, numInferenceSteps, guidanceScale);
    Map<String, String> text = new LinkedHashMap<>(generation.text());
    text.put("parameters", caption);
    PngWriter.write(png, strip, text);
    return strip;
  }

  private static void requireNames(FeatureExtractor classifier, List<String> classNames) {
    if (classNames.size() != classifier.classes()) {
      throw new IllegalArgumentException(
          "Expected a name for each of the classifier's %d classes, found %d. Pass those of the data it was trained on."
              .formatted(classifier.classes(), classNames.size()));
    }
  }

  /** For each class the image that the classifier finds most probable. */
  private static int[] mostProbable(ImageBatch pool, FeatureExtractor classifier) {
    double[][] logProbabilities =
        Arrays.stream(classifier.extract(pool).logits())
            .map(LogSoftmax::of)
            .toArray(double[][]::new);
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
