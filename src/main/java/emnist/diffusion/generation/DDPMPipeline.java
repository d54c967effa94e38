package emnist.diffusion.generation;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import emnist.diffusion.checkpoint.Checkpoint;
import emnist.diffusion.checkpoint.PretrainedModel;
import emnist.diffusion.image.ImageBatch;
import emnist.diffusion.model.UNet2DModel;
import emnist.diffusion.scheduler.Scheduler;
import emnist.diffusion.scheduler.SchedulerOutput;
import emnist.diffusion.torch.ImageArrays;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;

/**
 * A trained network and a scheduler, ready to generate: diffusers' {@code DDPMPipeline}.
 *
 * @param unet the network; the pipeline does not close it
 * @param scheduler any scheduler with the noise schedule the network was trained with
 * @param nullClass the null class of a network trained with label dropout; null in any other
 */
public record DDPMPipeline(UNet2DModel unet, Scheduler scheduler, Integer nullClass) {

  /** Images denoised at once: more do not make a CPU faster, and fit any GPU. */
  public static final int BATCH_SIZE = 64;

  public DDPMPipeline {
    new ClassConditioning(unet.config().numClassEmbeds(), nullClass);
  }

  /** A pipeline of a network that was trained without label dropout, conditional or not. */
  public DDPMPipeline(UNet2DModel unet, Scheduler scheduler) {
    this(unet, scheduler, null);
  }

  /** Loads the averaged network of a checkpoint under {@code manager}. */
  public static DDPMPipeline fromPretrained(NDManager manager, Checkpoint checkpoint)
      throws IOException {
    Scheduler scheduler = checkpoint.scheduler();
    Integer nullClass = checkpoint.nullClass();
    return new DDPMPipeline(checkpoint.unet(manager), scheduler, nullClass);
  }

  /**
   * Loads a pipeline under {@code manager}: from a folder that {@link #savePretrained} or
   * diffusers' {@code save_pretrained} has written, or from a checkpoint.
   *
   * <p>Only a checkpoint names its null class; for any other folder use {@link #withNullClass}.
   *
   * @throws IllegalArgumentException if a file is missing or malformed, or an option is not
   *     supported
   */
  public static DDPMPipeline fromPretrained(NDManager manager, Path folder) throws IOException {
    return fromPretrained(manager, new Checkpoint(folder));
  }

  /**
   * Saves the network and the scheduler, as diffusers' {@code save_pretrained} does: {@code
   * model_index.json}, {@code unet/} and {@code scheduler/}. The folder is complete and on the
   * disk, or absent.
   *
   * @throws IllegalArgumentException if the folder is not empty; it is then left alone
   */
  public void savePretrained(Path folder) throws IOException {
    PretrainedModel.savePipeline(folder, unet, scheduler.config());
  }

  /** The same network with another scheduler. */
  public DDPMPipeline withScheduler(Scheduler other) {
    return new DDPMPipeline(unet, other, nullClass);
  }

  /** The same network with another null class. */
  public DDPMPipeline withNullClass(int otherNullClass) {
    return new DDPMPipeline(unet, scheduler, otherNullClass);
  }

  /** The classes of the network, and which of them is the null class. */
  public ClassConditioning conditioning() {
    return new ClassConditioning(unet.config().numClassEmbeds(), nullClass);
  }

  /**
   * Generates what a picture says it was generated from, with the scheduler and the null class of
   * the request.
   *
   * @throws IllegalArgumentException if the request is for another network, or as {@link
   *     #generate(int[], long[], int, double)}
   * @throws InterruptedException if the thread was interrupted, after the current step
   */
  public ImageBatch generate(GenerationRequest request) throws InterruptedException {
    request.requireNetwork(unet);
    return new DDPMPipeline(unet, request.scheduler(), request.nullClass())
        .generate(
            request.classLabels().stream().mapToInt(Integer::intValue).toArray(),
            request.seeds().stream().mapToLong(Long::longValue).toArray(),
            request.numInferenceSteps(),
            request.guidanceScale());
  }

  /**
   * Generates images without guidance; image i depends only on its own seed, {@code firstSeed + i},
   * and its class.
   *
   * @see #generate(int[], long[], int, double)
   */
  public ImageBatch generate(int[] classLabels, long firstSeed, int numInferenceSteps)
      throws InterruptedException {
    long[] seeds = LongStream.range(firstSeed, firstSeed + classLabels.length).toArray();
    return generate(classLabels, seeds, numInferenceSteps, 1);
  }

  /**
   * Generates images; each depends only on its own seed and class.
   *
   * @param classLabels the class of each image; for a network without classes only their number
   *     counts
   * @param seeds the seed of each image
   * @param numInferenceSteps network calls per image, at most the timesteps trained with
   * @param guidanceScale how much the class counts (Ho and Salimans 2022, arXiv:2207.12598): 0 not
   *     at all, 1 as in training, more for clearer and less varied images; any but 0 and 1 needs
   *     two passes of the network, done as one batch
   * @return images of the network's sample size, in {@code [-1, 1]}
   * @throws IllegalArgumentException if there is not one seed for each label, or the network has no
   *     sample size, no such class or, where the guidance scale is not 1, no null class
   * @throws InterruptedException if the thread was interrupted, after the current step
   */
  public ImageBatch generate(
      int[] classLabels, long[] seeds, int numInferenceSteps, double guidanceScale)
      throws InterruptedException {
    Scheduler steps = scheduler.withTimesteps(numInferenceSteps);
    int size = sampleSize();
    requireSeeds(classLabels, seeds);
    conditioning().requireKnown(classLabels);
    conditioning().requireGuidable(guidanceScale);
    int channels = unet.config().outChannels();
    List<ImageBatch> batches = new ArrayList<>();
    for (int from = 0; from < classLabels.length; from += BATCH_SIZE) {
      int to = Math.min(from + BATCH_SIZE, classLabels.length);
      batches.add(
          denoise(
              steps,
              new SeededNoise(Arrays.copyOfRange(seeds, from, to)),
              Arrays.copyOfRange(classLabels, from, to),
              guidanceScale,
              new Shape(channels, size, size)));
    }
    return ImageBatch.concat(batches);
  }

  private ImageBatch denoise(
      Scheduler steps, SeededNoise noise, int[] classLabels, double guidanceScale, Shape image)
      throws InterruptedException {
    try (NDManager chain = unet.manager().newSubManager()) {
      Guidance guidance = new Guidance(chain, unet, classLabels, nullClass, guidanceScale);
      SchedulerOutput output = SchedulerOutput.start(noise.initial(chain, image));
      for (int t : steps.timesteps()) {
        if (Thread.interrupted()) {
          throw new InterruptedException(
              "Generation was interrupted at timestep " + t + "; no image is finished.");
        }
        try (NDManager step = chain.newSubManager()) {
          output.attach(step);
          NDArray noisyResidual = guidance.predict(output.prevSample(), t);
          output = steps.step(noisyResidual, t, output, noise).attach(chain);
        }
      }
      return ImageArrays.toBatch(output.prevSample());
    }
  }

  private int sampleSize() {
    if (unet.config().sampleSize() == null) {
      throw new IllegalArgumentException(
          "Expected a network with a sample_size, found none. Set it in its config.json.");
    }
    return unet.config().sampleSize();
  }

  private static void requireSeeds(int[] classLabels, long[] seeds) {
    if (classLabels.length == 0 || seeds.length != classLabels.length) {
      throw new IllegalArgumentException(
          "Expected a class label and a seed for each image, found %d and %d. Pass as many as images are wanted."
              .formatted(classLabels.length, seeds.length));
    }
  }
}
