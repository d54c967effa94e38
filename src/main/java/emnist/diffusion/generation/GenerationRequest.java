package emnist.diffusion.generation;

import emnist.diffusion.checkpoint.Safetensors;
import emnist.diffusion.config.Json;
import emnist.diffusion.config.MalformedJson;
import emnist.diffusion.image.ImageBatch;
import emnist.diffusion.image.PngText;
import emnist.diffusion.scheduler.DDIMScheduler;
import emnist.diffusion.scheduler.Scheduler;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;

/**
 * All that images were generated from, so that they can be generated again; every PNG with
 * generated images carries it.
 *
 * @param checkpoint SHA-256 of the network's weights, that of their float32 safetensors file
 * @param scheduler the scheduler; its number of steps does not count
 * @param numInferenceSteps network calls per image
 * @param seeds the seed of each image
 * @param guidanceScale how much the class counted
 * @param nullClass the class that stood for "no class"; null for none
 * @param classLabels the class of each image; without meaning for a network without classes
 */
public record GenerationRequest(
    String checkpoint,
    Scheduler scheduler,
    int numInferenceSteps,
    List<Long> seeds,
    double guidanceScale,
    Integer nullClass,
    List<Integer> classLabels) {

  public GenerationRequest {
    seeds = List.copyOf(seeds);
    classLabels = List.copyOf(classLabels);
  }

  /** What {@code pipeline.generate(classLabels, seeds, ...)} generates from. */
  public static GenerationRequest of(
      DDPMPipeline pipeline,
      int[] classLabels,
      long[] seeds,
      int numInferenceSteps,
      double guidanceScale) {
    return new GenerationRequest(
        Safetensors.sha256(pipeline.unet().parameters()),
        pipeline.scheduler(),
        numInferenceSteps,
        LongStream.of(seeds).boxed().toList(),
        guidanceScale,
        pipeline.nullClass(),
        Arrays.stream(classLabels).boxed().toList());
  }

  /**
   * Reads what the images of a PNG were generated from.
   *
   * @throws IllegalArgumentException if it is no PNG, or one that does not say so
   */
  public static GenerationRequest fromPng(Path file) throws IOException {
    Map<String, String> text = PngText.read(file);
    try {
      Scheduler scheduler = Scheduler.fromJson(get(text, "scheduler"));
      if (scheduler instanceof DDIMScheduler ddim) {
        scheduler =
            ddim.withEta(Double.parseDouble(get(text, "eta")))
                .withUseClippedModelOutput(
                    Boolean.parseBoolean(get(text, "use_clipped_model_output")));
      }
      return new GenerationRequest(
          get(text, "checkpoint"),
          scheduler,
          Integer.parseInt(get(text, "num_inference_steps")),
          integers(text, "seeds").boxed().toList(),
          Double.parseDouble(get(text, "guidance_scale")),
          text.containsKey("null_class") ? Integer.valueOf(text.get("null_class")) : null,
          integers(text, "class_labels").mapToObj(Math::toIntExact).toList());
    } catch (IllegalArgumentException | ArithmeticException | MalformedJson e) {
      throw new IllegalArgumentException(
          "Expected a picture of generated images in %s, found %s. Use one that was written with its generation."
              .formatted(file, e.getMessage()),
          e);
    }
  }

  private static LongStream integers(Map<String, String> text, String keyword) {
    return Json.elements(Json.array(Json.parse(get(text, keyword)))).stream()
        .mapToLong(Json::integer);
  }

  private static String get(Map<String, String> text, String keyword) {
    if (!text.containsKey(keyword)) {
      throw new IllegalArgumentException("no text chunk \"" + keyword + "\"");
    }
    return text.get(keyword);
  }

  /** The text chunks that {@link #fromPng} reads. */
  public Map<String, String> text() {
    Map<String, String> text = new LinkedHashMap<>();
    text.put("checkpoint", checkpoint);
    text.put("scheduler", Json.writeCompact(Json.parse(scheduler.config().toJson())));
    if (scheduler instanceof DDIMScheduler ddim) {
      text.put("eta", Double.toString(ddim.eta()));
      text.put("use_clipped_model_output", Boolean.toString(ddim.useClippedModelOutput()));
    }
    text.put("num_inference_steps", Integer.toString(numInferenceSteps));
    text.put("seeds", Json.writeCompact(seeds));
    text.put("guidance_scale", Double.toString(guidanceScale));
    if (nullClass != null) {
      text.put("null_class", nullClass.toString());
    }
    text.put("class_labels", Json.writeCompact(classLabels));
    return text;
  }

  /**
   * Generates the images, again.
   *
   * @param pipeline gives the network; nothing else of it counts
   * @throws IllegalArgumentException if it is another network, or as {@link DDPMPipeline#generate}
   * @throws InterruptedException if the thread was interrupted, after the current step
   */
  public ImageBatch images(DDPMPipeline pipeline) throws InterruptedException {
    String found = Safetensors.sha256(pipeline.unet().parameters());
    if (!found.equals(checkpoint)) {
      throw new IllegalArgumentException(
          "Expected the network with SHA-256 %s, found %s. Load the checkpoint that the picture was made with."
              .formatted(checkpoint, found));
    }
    return new DDPMPipeline(pipeline.unet(), scheduler, nullClass)
        .generate(
            classLabels.stream().mapToInt(Integer::intValue).toArray(),
            seeds.stream().mapToLong(Long::longValue).toArray(),
            numInferenceSteps,
            guidanceScale);
  }
}
