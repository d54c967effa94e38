package emnist.diffusion.bench;

import emnist.diffusion.generation.DDPMPipeline;
import emnist.diffusion.scheduler.Scheduler;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** Twenty-six images by each sampler, beside the convolutions of its network calls. */
final class Sampling {

  private static final int IMAGES = 26;

  /** Network calls of the README's network that are timed; the time of all follows from them. */
  private static final int TIMED = 10;

  private Sampling() {}

  static void print() {
    Map<String, Integer> samplers = new LinkedHashMap<>();
    samplers.put("DPMSolverMultistepScheduler", 20);
    samplers.put("DDIMScheduler", 50);
    samplers.put("DDPMScheduler", 1000);
    Bench.print("\n| network | 26 images by | seconds | floor, s | ratio |");
    Bench.print("| --- | --- | ---: | ---: | ---: |");
    for (Preset preset : Preset.values()) {
      try (Network network = Bench.network(preset, IMAGES)) {
        double floor = Timing.median(new ConvolutionFloor(network)::forward) / 1000;
        samplers.forEach(
            (className, steps) -> {
              DDPMPipeline pipeline = new DDPMPipeline(network.model(), scheduler(className));
              int timed = preset == Preset.README ? TIMED : steps;
              double ms = Timing.timed(() -> generate(pipeline, timed)).getAsDouble();
              double seconds = ms / 1000 * steps / timed;
              Bench.print(
                  "| %s | %s-%s%s | %.1f | %.1f | %.2f |",
                  preset.name().toLowerCase(Locale.ROOT),
                  className.replace("Scheduler", "").replace("Multistep", "++"),
                  steps,
                  timed < steps ? " (from %s calls)".formatted(timed) : "",
                  seconds,
                  floor * steps,
                  seconds / (floor * steps));
            });
      }
    }
  }

  private static Scheduler scheduler(String className) {
    return Scheduler.fromJson("{\"_class_name\": \"%s\"}".formatted(className));
  }

  private static void generate(DDPMPipeline pipeline, int steps) {
    try {
      pipeline.generate(new int[IMAGES], 0, steps);
    } catch (InterruptedException e) {
      throw new IllegalStateException("Expected no interrupt, found one. Run it again.", e);
    }
  }
}
