package emnist.diffusion.bench;

import emnist.diffusion.model.UNet2DModelConfig;
import emnist.diffusion.torch.MixedPrecision;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.DoubleSupplier;

/** How the cost grows with image size and width, and what bfloat16 changes. */
final class Growth {

  private static final int BATCH = 8;
  private static final int[] SIZES = {14, 28, 56};
  private static final List<List<Integer>> CHANNELS =
      List.of(List.of(8, 16, 32), List.of(16, 32, 64), List.of(32, 64, 128), List.of(64, 128, 256));

  private Growth() {}

  static void print() {
    Bench.print("\n| small network, batch 8 | weights | forward, ms | training step, ms |");
    Bench.print("| --- | ---: | ---: | ---: |");
    for (int size : SIZES) {
      print(size + "x" + size + " pixels", Bench.config(Preset.SMALL), size);
    }
    for (List<Integer> channels : CHANNELS) {
      print("channels " + channels, Bench.small(channels), Bench.SIZE);
    }
    Bench.print("\n| network | batch | what | float32, ms | bf16, ms | ratio |");
    Bench.print("| --- | ---: | --- | ---: | ---: | ---: |");
    for (Preset preset : Preset.values()) {
      for (int batch : new int[] {1, 8, 32}) {
        compare(preset, batch);
      }
    }
  }

  private static void print(String what, UNet2DModelConfig config, int size) {
    try (Network network = new Network(config, BATCH, size, MixedPrecision.NO)) {
      Map<String, Double> ms =
          Timing.medians(
              Map.of(
                  "forward", Timing.timed(network::forward),
                  "training", Timing.timed(network::trainingStep)));
      Bench.print(
          "| %s | %,d | %.1f | %.1f |",
          what, network.model().numParameters(), ms.get("forward"), ms.get("training"));
    }
  }

  private static void compare(Preset preset, int batch) {
    UNet2DModelConfig config = Bench.config(preset);
    try (Network full = new Network(config, batch, Bench.SIZE, MixedPrecision.NO);
        Network mixed = new Network(config, batch, Bench.SIZE, MixedPrecision.BF16)) {
      Map<String, DoubleSupplier> tasks = new LinkedHashMap<>();
      tasks.put(
          "ten steps of sampling", Timing.timed(() -> PeerBench.sample(full, MixedPrecision.NO)));
      tasks.put(
          "bf16 ten steps of sampling",
          Timing.timed(() -> PeerBench.sample(full, MixedPrecision.BF16)));
      tasks.put("training step", Timing.timed(full::trainingStep));
      tasks.put("bf16 training step", Timing.timed(mixed::trainingStep));
      Map<String, Double> ms = Timing.medians(tasks);
      for (String what : List.of("ten steps of sampling", "training step")) {
        double bf16 = ms.get("bf16 " + what);
        Bench.print(
            "| %s | %s | %s | %.1f | %.1f | %.2f |",
            preset.name().toLowerCase(Locale.ROOT),
            batch,
            what,
            ms.get(what),
            bf16,
            bf16 / ms.get(what));
      }
    }
  }
}
