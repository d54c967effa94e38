package emnist.diffusion.generation;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import emnist.diffusion.checkpoint.Checkpoint;
import emnist.diffusion.image.ImageBatch;
import emnist.diffusion.model.UNet2DModel;
import emnist.diffusion.scheduler.DDPMScheduler;
import emnist.diffusion.scheduler.SchedulerOutput;
import emnist.diffusion.torch.ImageArrays;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A trained network and its scheduler, ready to generate: diffusers' {@code DDPMPipeline}.
 *
 * @param unet the network; the pipeline does not close it
 * @param scheduler the scheduler it was trained with
 */
public record DDPMPipeline(UNet2DModel unet, DDPMScheduler scheduler) {

  /** Images denoised at once: more do not make a CPU faster, and fit any GPU. */
  private static final int BATCH_SIZE = 64;

  /** Loads the averaged network of a checkpoint under {@code manager}. */
  public static DDPMPipeline fromPretrained(NDManager manager, Checkpoint checkpoint)
      throws IOException {
    return new DDPMPipeline(checkpoint.unet(manager), checkpoint.scheduler());
  }

  /**
   * Generates images; image i depends only on its own seed, {@code firstSeed + i}, and its class.
   *
   * @param classLabels the class of each image; for a network without classes only their number
   *     counts
   * @param numInferenceSteps network calls per image, at most the timesteps trained with
   * @return images of the network's sample size, in {@code [-1, 1]}
   * @throws IllegalArgumentException if there are no labels, or the network has no sample size or
   *     no such class
   * @throws InterruptedException if the thread was interrupted, after the current step
   */
  public ImageBatch generate(int[] classLabels, long firstSeed, int numInferenceSteps)
      throws InterruptedException {
    DDPMScheduler steps = scheduler.withTimesteps(numInferenceSteps);
    int size = sampleSize();
    requireKnownClasses(classLabels);
    int channels = unet.config().outChannels();
    List<ImageBatch> batches = new ArrayList<>();
    for (int from = 0; from < classLabels.length; from += BATCH_SIZE) {
      int to = Math.min(from + BATCH_SIZE, classLabels.length);
      batches.add(
          denoise(
              steps,
              SeededNoise.from(firstSeed + from, to - from),
              Arrays.copyOfRange(classLabels, from, to),
              new Shape(channels, size, size)));
    }
    return ImageBatch.concat(batches);
  }

  private ImageBatch denoise(DDPMScheduler steps, SeededNoise noise, int[] classLabels, Shape image)
      throws InterruptedException {
    try (NDManager chain = unet.manager().newSubManager()) {
      NDArray labels =
          unet.config().numClassEmbeds() == null
              ? null
              : chain.create(Arrays.stream(classLabels).asLongStream().toArray());
      NDArray sample = noise.initial(chain, image);
      for (int t : steps.timesteps()) {
        if (Thread.interrupted()) {
          throw new InterruptedException(
              "Generation was interrupted at timestep " + t + "; no image is finished.");
        }
        try (NDManager step = chain.newSubManager()) {
          sample.attach(step);
          NDArray noisyResidual = unet.forward(sample, t, labels);
          SchedulerOutput output = steps.step(noisyResidual, t, sample, noise);
          sample = output.prevSample();
          sample.attach(chain);
        }
      }
      return ImageArrays.toBatch(sample);
    }
  }

  private int sampleSize() {
    if (unet.config().sampleSize() == null) {
      throw new IllegalArgumentException(
          "Expected a network with a sample_size, found none. Set it in its config.json.");
    }
    return unet.config().sampleSize();
  }

  private void requireKnownClasses(int[] classLabels) {
    if (classLabels.length == 0) {
      throw new IllegalArgumentException(
          "Expected a class label for each image, found none. Pass as many as images are wanted.");
    }
    Integer classes = unet.config().numClassEmbeds();
    for (int label : classLabels) {
      if (classes != null && (label < 0 || label >= classes)) {
        throw new IllegalArgumentException(
            "Expected class labels from 0 to %d, found %d. Choose classes the network was trained with."
                .formatted(classes - 1, label));
      }
    }
  }
}
