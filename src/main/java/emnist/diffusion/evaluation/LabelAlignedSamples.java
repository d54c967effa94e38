package emnist.diffusion.evaluation;

import emnist.diffusion.generation.DDPMPipeline;
import emnist.diffusion.image.ImageBatch;
import emnist.diffusion.image.LabelAlignedImages;
import emnist.diffusion.image.PngWriter;
import emnist.diffusion.metrics.FeatureExtractor;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** One generated image of every class, side by side: the strip A to Z. */
public final class LabelAlignedSamples {

  /** Enough that a class with a tenth of its fair share still turns up. */
  private static final int POOL_PER_CLASS = 10;

  private LabelAlignedSamples() {}

  /**
   * Generates the images, draws the strip, and writes it as a PNG that carries its settings.
   *
   * <p>A class-conditional network is asked for each class. From one without classes a pool is
   * generated, and the classifier picks the image it finds most probable for each class. The
   * caption says which.
   *
   * @param classifier judges images, with one logit for each class
   * @param classNames names of the classes, written into the tiles
   * @param firstSeed image i is generated from seed {@code firstSeed + i}
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
      Path png)
      throws IOException, InterruptedException {
    requireNames(classifier, classNames);
    boolean conditional = pipeline.unet().config().numClassEmbeds() != null;
    int images = conditional ? classNames.size() : POOL_PER_CLASS * classNames.size();
    int[] labels = IntStream.range(0, images).map(i -> i % classNames.size()).toArray();
    ImageBatch generated = pipeline.generate(labels, firstSeed, numInferenceSteps);
    String choice =
        conditional
            ? "each generated for its class"
            : "chosen by the classifier from %d images".formatted(images);
    String settings = "DDPM, %d steps, seed %d, %s".formatted(numInferenceSteps, firstSeed, choice);
    BufferedImage strip =
        LabelAlignedImages.draw(
            conditional ? generated : mostProbable(generated, classifier), classNames, settings);
    PngWriter.write(png, strip, Map.of("parameters", settings));
    return strip;
  }

  private static void requireNames(FeatureExtractor classifier, List<String> classNames) {
    if (classNames.size() != classifier.classes()) {
      throw new IllegalArgumentException(
          "Expected a name for each of the classifier's %d classes, found %d. Pass those of the data it was trained on."
              .formatted(classifier.classes(), classNames.size()));
    }
  }

  private static ImageBatch mostProbable(ImageBatch pool, FeatureExtractor classifier) {
    float[][] logits = classifier.extract(pool).logits();
    return ImageBatch.concat(
        IntStream.range(0, classifier.classes())
            .mapToObj(
                label ->
                    IntStream.range(0, pool.n())
                        .boxed()
                        .max(Comparator.comparingDouble(i -> logProbability(logits[i], label)))
                        .orElseThrow())
            .map(i -> pool.slice(i, i + 1))
            .toList());
  }

  private static double logProbability(float[] logits, int label) {
    double largest = IntStream.range(0, logits.length).mapToDouble(i -> logits[i]).max().orElse(0);
    double sum = 0;
    for (float logit : logits) {
      sum += Math.exp(logit - largest);
    }
    return logits[label] - largest - Math.log(sum);
  }
}
