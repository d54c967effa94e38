package emnist.diffusion.generation;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import emnist.diffusion.checkpoint.Checkpoint;
import emnist.diffusion.checkpoint.PretrainedLetters;
import emnist.diffusion.checkpoint.PretrainedModel;
import emnist.diffusion.checkpoint.SavePrecision;
import emnist.diffusion.image.ImageBatch;
import emnist.diffusion.model.UNet2DModel;
import emnist.diffusion.model.UNet2DModelConfig;
import emnist.diffusion.progress.ProgressLine;
import emnist.diffusion.scheduler.Scheduler;
import emnist.diffusion.scheduler.SchedulerOutput;
import emnist.diffusion.torch.ImageArrays;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A trained network and a scheduler, ready to generate: diffusers' {@code DDPMPipeline}.
 *
 * @param unet the network; the pipeline does not close it
 * @param scheduler any scheduler with the noise schedule the network was trained with
 * @param nullClass the null class of a network trained with label dropout; null in any other
 * @param progressBar whether each call of {@code generate} shows a progress bar
 * @param callbackOnStepEnd called after each step of each batch
 */
public record DDPMPipeline(
    UNet2DModel unet,
    Scheduler scheduler,
    Integer nullClass,
    boolean progressBar,
    StepEnd callbackOnStepEnd) {

  /** Looks at the samples after a step: diffusers' {@code callback_on_step_end}. */
  @FunctionalInterface
  public interface StepEnd {
    /**
     * Called after a step.
     *
     * @param timestep the timestep whose noise was removed
     * @param output the samples and the predicted images, to be copied by the callback
     */
    void accept(int timestep, SchedulerOutput output);
  }

  /** Images denoised at once: more do not make a CPU faster, and fit any GPU. */
  public static final int BATCH_SIZE = 64;

  public DDPMPipeline {
    new ClassConditioning(unet.config().numClassEmbeds(), nullClass);
  }

  /** A pipeline of a network that was trained without label dropout, conditional or not. */
  public DDPMPipeline(UNet2DModel unet, Scheduler scheduler) {
    this(unet, scheduler, null);
  }

  /** A pipeline without a progress bar. */
  public DDPMPipeline(UNet2DModel unet, Scheduler scheduler, Integer nullClass) {
    this(unet, scheduler, nullClass, false, (timestep, output) -> {});
  }

  /** Loads the network in the box under {@code manager}; its classes 0 to 25 are A to Z. */
  public static DDPMPipeline pretrained(NDManager manager) throws IOException {
    Path copy = Files.createTempDirectory("pretrained");
    try {
      return fromPretrained(manager, PretrainedLetters.copyTo(copy));
    } finally {
      new Checkpoint(copy).delete();
    }
  }

  /** Loads the averaged network of a checkpoint under {@code manager}. */
  public static DDPMPipeline fromPretrained(NDManager manager, Checkpoint checkpoint)
      throws IOException {
    Scheduler scheduler = checkpoint.scheduler();
    Integer nullClass = checkpoint.nullClass();
    return new DDPMPipeline(checkpoint.unet(manager), scheduler, nullClass);
  }

  /**
   * The same with options and a scheduler for a folder without its own, such as one that
   * accelerate's {@code save_state} has written.
   */
  public static DDPMPipeline fromPretrained(
      NDManager manager, Checkpoint checkpoint, UNet2DModelConfig config, Scheduler scheduler)
      throws IOException {
    Scheduler own = checkpoint.scheduler(scheduler);
    Integer nullClass = checkpoint.nullClass();
    return new DDPMPipeline(checkpoint.unet(manager, config), own, nullClass);
  }

  /**
   * Loads a pipeline under {@code manager}: from a folder that {@link #savePretrained} or
   * diffusers' {@code save_pretrained} has written, or from a checkpoint.
   *
   * <p>A folder that Python has written does not name its null class: use {@link #withNullClass}.
   *
   * @throws IllegalArgumentException as {@link PretrainedModel#load(NDManager, Path)}
   */
  public static DDPMPipeline fromPretrained(NDManager manager, Path folder) throws IOException {
    return fromPretrained(manager, new Checkpoint(folder));
  }

  /**
   * Saves the network and the scheduler, as diffusers' {@code save_pretrained} does: {@code
   * model_index.json}, {@code unet/} and {@code scheduler/}.
   *
   * @see PretrainedModel#savePipeline
   */
  public void savePretrained(Path folder) throws IOException {
    savePretrained(folder, SavePrecision.FLOAT32);
  }

  /** The same with weights of that precision. */
  public void savePretrained(Path folder, SavePrecision precision) throws IOException {
    PretrainedModel.savePipeline(folder, unet, scheduler.config(), nullClass, precision);
  }

  /** The same network with another scheduler. */
  public DDPMPipeline withScheduler(Scheduler other) {
    return new DDPMPipeline(unet, other, nullClass, progressBar, callbackOnStepEnd);
  }

  /** The same network with another null class. */
  public DDPMPipeline withNullClass(int otherNullClass) {
    return new DDPMPipeline(unet, scheduler, otherNullClass, progressBar, callbackOnStepEnd);
  }

  /** The same with a progress bar on each call, as diffusers' pipelines have. */
  public DDPMPipeline withProgressBar() {
    return new DDPMPipeline(unet, scheduler, nullClass, true, callbackOnStepEnd);
  }

  /** The same with a look at the samples after each step. */
  public DDPMPipeline withCallbackOnStepEnd(StepEnd callback) {
    return new DDPMPipeline(unet, scheduler, nullClass, progressBar, callback);
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
    return new DDPMPipeline(
            unet, request.scheduler(), request.nullClass(), progressBar, callbackOnStepEnd)
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
    long[] seeds = SeededNoise.seeds(firstSeed, classLabels.length);
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
    Integer size = unet.config().sampleSize();
    if (size == null) {
      throw new IllegalArgumentException(
          "Expected a network with a sample_size, found none. Set it in its config.json.");
    }
    if (classLabels.length == 0 || seeds.length != classLabels.length) {
      throw new IllegalArgumentException(
          "Expected a class label and a seed for each image, found %s and %s. Pass as many as images are wanted."
              .formatted(classLabels.length, seeds.length));
    }
    Shape image = new Shape(unet.config().outChannels(), size, size);
    if ((double) image.size() * classLabels.length > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "Expected at most %s pixels in all, found %s images of shape %s. Generate fewer at a time."
              .formatted(Integer.MAX_VALUE, classLabels.length, image));
    }
    conditioning().requireKnown(classLabels);
    conditioning().requireGuidable(guidanceScale);
    List<ImageBatch> batches = new ArrayList<>();
    try (ProgressLine bar = progressBar ? bar(steps, classLabels.length) : null) {
      for (int from = 0; from < classLabels.length; from += BATCH_SIZE) {
        int to = Math.min(from + BATCH_SIZE, classLabels.length);
        SeededNoise noise = new SeededNoise(Arrays.copyOfRange(seeds, from, to));
        int[] batch = Arrays.copyOfRange(classLabels, from, to);
        try (NDManager chain = unet.manager().newSubManager()) {
          Guidance guidance = new Guidance(chain, unet, batch, nullClass, guidanceScale);
          batches.add(denoise(steps, guidance, noise, noise.initial(chain, image), bar));
        }
      }
    }
    return ImageBatch.concat(batches);
  }

  /** Such as "DDIM 100% [====] 100/100". */
  private static ProgressLine bar(Scheduler steps, int images) {
    String name = steps.config().className().replaceAll("(Multistep)?Scheduler$", "");
    long batches = (images + BATCH_SIZE - 1) / BATCH_SIZE;
    return new ProgressLine(name, batches * steps.timesteps().length, 0);
  }

  private ImageBatch denoise(
      Scheduler steps, Guidance guidance, SeededNoise noise, NDArray sample, ProgressLine bar)
      throws InterruptedException {
    NDManager chain = sample.getManager();
    SchedulerOutput output = SchedulerOutput.start(sample);
    for (int t : steps.timesteps()) {
      if (Thread.interrupted()) {
        throw new InterruptedException(
            "Generation was interrupted at timestep " + t + "; no image is finished.");
      }
      try (NDManager step = chain.newSubManager()) {
        output.attach(step);
        NDArray noisyResidual = guidance.predict(output.prevSample(), t);
        output = steps.step(noisyResidual, t, output, noise).attach(chain);
        callbackOnStepEnd.accept(t, output);
      }
      if (bar != null) {
        bar.step();
      }
    }
    return ImageArrays.toBatch(output.prevSample());
  }
}
