package emnist.diffusion.classifier;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import emnist.diffusion.data.EmnistDataset;
import emnist.diffusion.image.ImageBatch;
import emnist.diffusion.progress.ProgressLine;
import emnist.diffusion.random.CounterRandom;
import emnist.diffusion.torch.AdamW;
import emnist.diffusion.torch.Autograd;
import emnist.diffusion.torch.Functional;
import emnist.diffusion.torch.Gradients;
import emnist.diffusion.torch.ImageArrays;
import emnist.diffusion.torch.TorchRandom;
import emnist.diffusion.training.LrScheduler;
import java.util.Arrays;

/**
 * How a {@link LetterClassifier} is trained: AdamW, a cosine schedule, images shifted at random.
 * Every random draw is a function of (seed, step).
 *
 * @param imagesSeen images to train on, which decides the number of epochs: at least one and at
 *     most {@code maxEpochs}
 * @param maxEpochs passes over a small data set
 */
record ClassifierTraining(int imagesSeen, int maxEpochs) {

  /** Half a minute on two idle cores; a data set of 60,000 images or more is seen once. */
  static final ClassifierTraining DEFAULT = new ClassifierTraining(60_000, 30);

  private static final int BATCH_SIZE = 64;
  private static final double LEARNING_RATE = 3e-3;
  private static final double MAX_GRAD_NORM = 1;

  /** The fraction of the steps over which the rate rises, because Adam's first steps are noisy. */
  private static final double WARMUP = 0.1;

  /** Pixels; so the classifier learns that a letter's position does not matter. */
  private static final int MAX_SHIFT = 2;

  private static final float BLACK = -1;

  /**
   * Trains a new classifier.
   *
   * @throws InterruptedException if the thread is interrupted; the classifier is then freed
   * @throws IllegalStateException if the loss or a gradient was not finite
   */
  LetterClassifier run(NDManager parent, EmnistDataset data, long seed)
      throws InterruptedException {
    LetterClassifier classifier =
        new LetterClassifier(parent, data.classNames(), data.height(), data.width(), seed);
    int epochs = Math.max(1, Math.min(maxEpochs, imagesSeen / data.size()));
    int batches = (data.size() + BATCH_SIZE - 1) / BATCH_SIZE;
    long steps = (long) epochs * batches;
    long warmupSteps = Math.round(WARMUP * steps);
    try (AdamW optimizer =
            new AdamW(classifier.manager(), classifier.parameters(), AdamW.Config.DEFAULT);
        ProgressLine progress = new ProgressLine("Classifier", steps, 0)) {
      for (int epoch = 1; epoch <= epochs; epoch++) {
        int[] order = data.order(seed, epoch);
        for (int i = 0; i < batches; i++) {
          int from = i * BATCH_SIZE;
          int[] batch = Arrays.copyOfRange(order, from, Math.min(from + BATCH_SIZE, order.length));
          long step = (epoch - 1L) * batches + i;
          double lr = LEARNING_RATE * LrScheduler.COSINE.factor(step, warmupSteps, steps);
          long stepSeed = CounterRandom.seed(seed, step);
          double loss = step(classifier, optimizer, data, batch, lr, stepSeed);
          progress.step(epoch, loss);
        }
      }
      if (!Float.isFinite(optimizer.lastNorm())) {
        throw new IllegalStateException(
            "Expected a finite loss and gradient norm, found %s while the letter classifier was trained. Choose another seed."
                .formatted(optimizer.lastNorm()));
      }
      return classifier;
    } catch (InterruptedException | RuntimeException e) {
      classifier.close();
      throw e;
    }
  }

  private static double step(
      LetterClassifier classifier,
      AdamW optimizer,
      EmnistDataset data,
      int[] batch,
      double lr,
      long seed)
      throws InterruptedException {
    if (Thread.interrupted()) {
      throw new InterruptedException(
          "Training of the letter classifier was interrupted; nothing of it is kept.");
    }
    try (NDManager step = classifier.manager().newSubManager()) {
      TorchRandom.manualSeed(seed);
      NDArray images = ImageArrays.of(step, shifted(data.images(batch), seed));
      NDArray labels = step.create(Arrays.stream(batch).mapToLong(data::label).toArray());
      NDArray logits = classifier.forwardWithGrad(images);
      NDArray loss = Autograd.enableGrad(() -> Functional.crossEntropy(logits, labels));
      try (Gradients gradients = Gradients.of(loss, optimizer.parameters())) {
        optimizer.step(step, gradients, lr, MAX_GRAD_NORM);
      }
      return loss.getFloat();
    }
  }

  /**
   * Each image shifted by up to {@link #MAX_SHIFT} pixels up or down and left or right; the border
   * that appears is black.
   */
  static ImageBatch shifted(ImageBatch images, long seed) {
    CounterRandom random = new CounterRandom(seed);
    int width = images.width();
    int rows = images.channels() * images.height();
    float[] shifted = new float[images.pixels().length];
    Arrays.fill(shifted, BLACK);
    for (int start = 0; start < shifted.length; start += images.pixelsPerImage()) {
      int down = random.below(2 * MAX_SHIFT + 1) - MAX_SHIFT;
      int right = random.below(2 * MAX_SHIFT + 1) - MAX_SHIFT;
      int length = Math.max(0, width - Math.abs(right));
      for (int row = Math.max(0, -down); row < Math.min(rows, rows - down); row++) {
        int from = start + row * width + Math.max(0, -right);
        int to = start + (row + down) * width + Math.max(0, right);
        System.arraycopy(images.pixels(), from, shifted, to, length);
      }
    }
    return new ImageBatch(shifted, images.n(), images.channels(), images.height(), width);
  }
}
