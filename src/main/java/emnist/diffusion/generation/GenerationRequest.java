package emnist.diffusion.generation;

import emnist.diffusion.checkpoint.Safetensors;
import emnist.diffusion.config.Json;
import emnist.diffusion.config.MalformedJson;
import emnist.diffusion.image.PngText;
import emnist.diffusion.model.UNet2DModel;
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
 * All that images are generated from, so that {@link DDPMPipeline#generate(GenerationRequest)} can
 * generate them again; every PNG of generated images carries it.
 *
 * @param checkpoint SHA-256 of the network's weights, that of their float32 safetensors file
 * @param scheduler the scheduler; its number of steps has no effect
 * @param numInferenceSteps network calls per image
 * @param seeds the seed of each image
 * @param guidanceScale how much the class counts; 1 for no guidance
 * @param nullClass the null class; null for a network trained without label dropout
 * @param classLabels the class of each image; ignored by an unconditional network
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

  /** The request for what {@code pipeline.generate(classLabels, seeds, ...)} generates. */
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
   * @throws IllegalArgumentException if it is not a PNG, or does not say
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
    return Json.elements(Json.parse(get(text, keyword))).stream().mapToLong(Json::integer);
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

  /** Refuses a network that differs from the one the request is for. */
  void requireNetwork(UNet2DModel unet) {
    String found = Safetensors.sha256(unet.parameters());
    if (!found.equals(checkpoint)) {
      throw new IllegalArgumentException(
          "Expected the network with SHA-256 %s, found %s. Load the checkpoint that the picture was made with."
              .formatted(checkpoint, found));
    }
  }
}
