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
import emnist.diffusion.torch.TorchFunction;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
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

  /** Length of a feature vector. */
  public static final int DIMENSION = 64;

  private static final int NAME_DIGITS = 8;
  private static final int[] CHANNELS = {16, 32, 64};
  private static final int CHANNELS_PER_GROUP = 4;
  private static final double NORM_EPS = 1e-5;
  private static final double DROPOUT = 0.3;

  /** Images per pass: enough to keep a CPU busy, few enough for its cache. */
  private static final int BATCH_SIZE = 256;

  private record Block(Conv2d conv, GroupNorm norm) {
    NDArray forward(NDArray x) {
      return consume(consume(conv.forward(x), norm::forward), Functional::averagePool2x2);
    }
  }

  private final NDManager manager;
  private final List<String> classNames;
  private final int height;
  private final int width;
  private final List<Block> blocks = new ArrayList<>();
  private final Linear embedding;
  private final Linear head;
  private final TorchFunction activate = Functional.activation(Activation.SILU);
  private final Map<String, NDArray> parameters;

  /**
   * Creates an untrained classifier.
   *
   * @param parent manager to live under; its device is the classifier's
   * @param seed of the initial weights
   */
  LetterClassifier(NDManager parent, List<String> classNames, int height, int width, long seed) {
    this.manager = parent.newSubManager();
    this.classNames = List.copyOf(classNames);
    this.height = height;
    this.width = width;
    Parameters root = new Parameters(manager);
    int inChannels = 1;
    int rows = height;
    int columns = width;
    for (int outChannels : CHANNELS) {
      Parameters block = root.child("blocks").child(blocks.size());
      blocks.add(
          new Block(
              Conv2d.same3x3(block.child("conv"), inChannels, outChannels),
              new GroupNorm(
                  block.child("norm"),
                  outChannels / CHANNELS_PER_GROUP,
                  outChannels,
                  NORM_EPS,
                  Activation.SILU)));
      inChannels = outChannels;
      rows = (rows + 1) / 2;
      columns = (columns + 1) / 2;
    }
    this.embedding = new Linear(root.child("embedding"), inChannels * rows * columns, DIMENSION);
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
   * @param parent manager to live under; its device is the classifier's
   * @param cacheFolder has a folder for each data and seed; created if missing
   * @throws IOException if the classifier stored for this data and seed is damaged, or cannot be
   *     read or written
   * @throws InterruptedException if the thread is interrupted while training; nothing is then
   *     stored
   */
  public static LetterClassifier trainOrLoad(
      NDManager parent, Path cacheFolder, EmnistDataset train, long seed)
      throws IOException, InterruptedException {
    return new ClassifierCache(cacheFolder, train, seed)
        .loadOr(parent, () -> ClassifierTraining.DEFAULT.run(parent, train, seed));
  }

  NDManager manager() {
    return manager;
  }

  /** The weights by name, such as {@code blocks.0.conv.weight}. */
  Map<String, NDArray> parameters() {
    return parameters;
  }

  /**
   * The kind of network and the first digits of its weights' SHA-256, because scores of different
   * weights cannot be compared.
   */
  @Override
  public String name() {
    String sha256 = Safetensors.sha256(parameters);
    return "letter-classifier-%d-%s".formatted(DIMENSION, sha256.substring(0, NAME_DIGITS));
  }

  @Override
  public int dimension() {
    return DIMENSION;
  }

  @Override
  public int classes() {
    return classNames.size();
  }

  /** The names of the classes; a class is an index into them. */
  public List<String> classNames() {
    return classNames;
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
          "Expected grey images of %d x %d pixels, found %d x %d with %d channels. Use a classifier trained on such images."
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
    return Arrays.stream(extract(images).logits()).mapToInt(LetterClassifier::largest).toArray();
  }

  /**
   * The fraction of images whose class is recognised, in {@code [0, 1]}.
   *
   * @throws IllegalArgumentException if the data has different classes or images of a different
   *     size
   */
  public double accuracy(EmnistDataset data) {
    if (!data.classNames().equals(classNames)) {
      throw new IllegalArgumentException(
          "Expected the classes %s, found %s. Use the classifier of this data."
              .formatted(classNames, data.classNames()));
    }
    long right = 0;
    for (int from = 0; from < data.size(); from += BATCH_SIZE) {
      int[] indices = IntStream.range(from, Math.min(from + BATCH_SIZE, data.size())).toArray();
      int[] found = classify(data.images(indices));
      right +=
          IntStream.range(0, found.length).filter(i -> found[i] == data.label(indices[i])).count();
    }
    return (double) right / data.size();
  }

  /** Logits {@code (N, classes)} with dropout, recorded for the gradients. */
  NDArray forwardWithGrad(NDArray x) {
    return Autograd.enableGrad(
        () -> consume(Functional.dropout(features(x), DROPOUT), head::forward));
  }

  private NDArray features(NDArray x) {
    NDArray h = blocks.get(0).forward(x);
    for (Block block : blocks.subList(1, blocks.size())) {
      h = consume(h, block::forward);
    }
    NDArray flat = consume(h, a -> a.reshape(new Shape(a.getShape().get(0), -1)));
    return consume(consume(flat, embedding::forward), activate::apply);
  }

  private static int largest(float[] logits) {
    return IntStream.range(0, logits.length)
        .reduce((a, b) -> logits[b] > logits[a] ? b : a)
        .orElseThrow();
  }

  /** Frees the weights. */
  @Override
  public void close() {
    manager.close();
  }
}
