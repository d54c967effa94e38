package emnist.diffusion.bench;

import emnist.diffusion.torch.MixedPrecision;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.DoubleSupplier;
import java.util.stream.DoubleStream;

/** Prediction and training step of both networks beside their floors, and their memory. */
final class NetworkCosts {

  private static final int[] BATCHES = {1, 8, 32, 128};

  private NetworkCosts() {}

  static void print() throws IOException, InterruptedException {
    Bench.print("\n| network | batch | what | ms | floor, ms | ratio | peak memory, MiB |");
    Bench.print("| --- | ---: | --- | ---: | ---: | ---: | ---: |");
    for (Preset preset : Preset.values()) {
      for (int batch : BATCHES) {
        print(preset, batch);
      }
    }
    // A network with as many operations as the small one, and next to nothing to calculate.
    try (Network empty = new Network(Bench.small(List.of(8, 8, 8)), 1, 4, MixedPrecision.NO)) {
      Bench.print(
          "\nJava, JNI, dispatch and autograd's bookkeeping: %.1f ms a training step of the small network.",
          Timing.median(empty::trainingStep));
    }
  }

  private static void print(Preset preset, int batch) throws IOException, InterruptedException {
    String name = preset.name().toLowerCase(Locale.ROOT);
    Map<String, Double> ms;
    double update;
    try (Network network = Bench.network(preset, batch)) {
      ConvolutionFloor floor = new ConvolutionFloor(network);
      Map<String, DoubleSupplier> tasks = new LinkedHashMap<>();
      tasks.put("forward", Timing.timed(network::forward));
      tasks.put("floor of forward", Timing.timed(floor::forward));
      tasks.put("training step", Timing.timed(network::trainingStep));
      tasks.put("floor of training step", Timing.timed(floor::training));
      ms = Timing.medians(tasks);
      update = Timing.median(DoubleStream.generate(network::update).limit(7).toArray());
    }
    for (String what : List.of("forward", "training step")) {
      double floor = ms.get("floor of " + what);
      Bench.print(
          "| %s | %s | %s | %.1f | %.1f | %.2f | %.0f |",
          name,
          batch,
          what,
          ms.get(what),
          floor,
          ms.get(what) / floor,
          PeakMemory.of("memory", what, preset.name(), Integer.toString(batch)));
    }
    Bench.print(
        "| %s | %s | of it clipping, AdamW, EMA | %.1f | | %.1f %% | |",
        name, batch, update, 100 * update / ms.get("training step"));
  }
}
