package emnist.diffusion.classifier;

import static emnist.diffusion.torch.Functional.consume;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import emnist.diffusion.checkpoint.Safetensors;
import emnist.diffusion.data.EmnistDataset;
import emnist.diffusion.image.ImageBatch;
import emnist.diffusion.metrics.FeatureExtractor;
import emnist.diffusion.metrics.ImageFeatures;
import emnist.diffusion.nn.Conv2d;
import emnist.diffusion.nn.GroupNorm;
import emnist.diffusion.nn.Linear;
import emnist.diffusion.nn.Parameters;
import emnist.diffusion.torch.Activation;
import emnist.diffusion.torch.Autograd;
import emnist.diffusion.torch.Functional;
import emnist.diffusion.torch.ImageArrays;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/**
 * A compact convolutional network that recognises the letter in a grey image.
 *
 * <p>It is the feature extractor of FID and IS here instead of the Inception network, which was
 * trained on colour photographs. Three convolutions, each followed by halving height and width, end
 * in 64 features; a linear map of these gives the logits. A classifier is safe to use from several
 * threads.
 */
public final class LetterClassifier implements FeatureExtractor, AutoCloseable {

  private static final int DIMENSION = 64;
  private static final int NAME_DIGITS = 8;
  private static final int[] CHANNELS = {16, 32, 64};
  private static final int CHANNELS_PER_GROUP = 4;
  private static final double NORM_EPS = 1e-5;
  private static final double DROPOUT = 0.3;

  /** Images per pass: enough to keep a CPU busy, few enough for its cache. */
  private static final int BATCH_SIZE = 256;

  private final NDManager manager;
  private final List<String> classNames;
  private final int height;
  private final int width;
  private final List<UnaryOperator<NDArray>> layers = new ArrayList<>();
  private final Linear head;
  private final Map<String, NDArray> parameters;

  /** An untrained classifier on the device of {@code parent}, which owns it. */
  LetterClassifier(NDManager parent, List<String> classNames, int height, int width, long seed) {
    this.manager = parent.newSubManager();
    this.classNames = List.copyOf(classNames);
    this.height = height;
    this.width = width;
    Parameters root = new Parameters(manager);
    int inChannels = 1;
    for (int i = 0; i < CHANNELS.length; i++) {
      Parameters block = root.child("blocks").child(i);
      int groups = CHANNELS[i] / CHANNELS_PER_GROUP;
      Conv2d conv = Conv2d.same3x3(block.child("conv"), inChannels, CHANNELS[i]);
      GroupNorm norm =
          new GroupNorm(block.child("norm"), groups, CHANNELS[i], NORM_EPS, Activation.SILU);
      layers.addAll(List.of(conv::forward, norm::forward, Functional::averagePool2x2));
      inChannels = CHANNELS[i];
    }
    // Each block halves height and width and rounds them up.
    int shrink = 1 << CHANNELS.length;
    int pixels = (height + shrink - 1) / shrink * ((width + shrink - 1) / shrink);
    Linear embedding = new Linear(root.child("embedding"), inChannels * pixels, DIMENSION);
    layers.add(x -> x.reshape(new Shape(x.getShape().get(0), -1)));
    layers.addAll(List.of(embedding::forward, Functional.activation(Activation.SILU)::apply));
    this.head = new Linear(root.child("head"), DIMENSION, classNames.size());
    this.parameters = Collections.unmodifiableMap(root.named());
    root.initialize(seed);
  }

  /**
   * The classifier of a data set: read from {@code cacheFolder}, or else trained and stored there.
   *
   * <p>Training shows a progress bar and takes a minute or less for a few thousand images. On a CPU
   * the weights are a function of the images and the seed.
   *
   * @param parent owns the classifier; its device is the classifier's
   * @param cacheFolder has a folder for each data and seed; created if missing
   * @throws IOException if the classifier stored there is damaged, or cannot be read or written
   * @throws InterruptedException if the thread is interrupted; nothing is then stored
   */
  public static LetterClassifier trainOrLoad(
      NDManager parent, Path cacheFolder, EmnistDataset train, long seed)
      throws IOException, InterruptedException {
    return ClassifierCache.of(cacheFolder, train, seed)
        .loadOr(parent, () -> ClassifierTraining.DEFAULT.run(parent, train, seed));
  }

  NDManager manager() {
    return manager;
  }

  /** The weights by name, such as {@code blocks.0.conv.weight}. */
  Map<String, NDArray> parameters() {
    return parameters;
  }

  /** The kind of network and the first digits of the SHA-256 of its weights. */
  @Override
  public String name() {
    String sha256 = Safetensors.sha256(parameters);
    return "letter-classifier-%s-%s".formatted(DIMENSION, sha256.substring(0, NAME_DIGITS));
  }

  @Override
  public int dimension() {
    return DIMENSION;
  }

  @Override
  public int classes() {
    return classNames.size();
  }

  /**
   * Features and logits.
   *
   * @param images {@code (N, 1, H, W)} of the size trained with, in {@code [-1, 1]}
   * @throws IllegalArgumentException if the images have a different size
   */
  @Override
  public ImageFeatures extract(ImageBatch images) {
    if (images.channels() != 1 || images.height() != height || images.width() != width) {
      throw new IllegalArgumentException(
          "Expected grey images of %s x %s pixels, found %s x %s with %s channels. Use a classifier trained on such images."
              .formatted(height, width, images.height(), images.width(), images.channels()));
    }
    float[][] features = new float[images.n()][];
    float[][] logits = new float[images.n()][];
    for (int from = 0; from < images.n(); from += BATCH_SIZE) {
      ImageBatch batch = images.slice(from, Math.min(from + BATCH_SIZE, images.n()));
      try (NDManager pass = manager.newSubManager()) {
        NDArray x = ImageArrays.of(pass, batch);
        NDArray seen = Autograd.noGrad(() -> features(x));
        NDArray scores = Autograd.noGrad(() -> head.forward(seen));
        ImageArrays.copyRows(seen, features, from);
        ImageArrays.copyRows(scores, logits, from);
      }
    }
    return new ImageFeatures(features, logits);
  }

  /** The most probable class of each image; see {@link #extract} for the images. */
  public int[] classify(ImageBatch images) {
    return extract(images).classes();
  }

  /**
   * The fraction of images whose class is recognised, in {@code [0, 1]}.
   *
   * @throws IllegalArgumentException if classes or image size are not the classifier's
   */
  public double accuracy(EmnistDataset data) {
    if (!data.classNames().equals(classNames)) {
      throw new IllegalArgumentException(
          "Expected the classes %s, found %s. Use the classifier of this data."
              .formatted(classNames, data.classNames()));
    }
    int[] found =
        data.batches(BATCH_SIZE).flatMapToInt(batch -> IntStream.of(classify(batch))).toArray();
    long right = IntStream.range(0, data.size()).filter(i -> found[i] == data.label(i)).count();
    return (double) right / data.size();
  }

  /** Logits {@code (N, classes)} with dropout, recorded for the gradients. */
  NDArray forwardWithGrad(NDArray x) {
    return Autograd.enableGrad(
        () -> consume(Functional.dropout(features(x), DROPOUT), head::forward));
  }

  private NDArray features(NDArray x) {
    NDArray h = layers.get(0).apply(x);
    for (UnaryOperator<NDArray> layer : layers.subList(1, layers.size())) {
      h = consume(h, layer);
    }
    return h;
  }

  /** Frees the weights. */
  @Override
  public void close() {
    manager.close();
  }
}
