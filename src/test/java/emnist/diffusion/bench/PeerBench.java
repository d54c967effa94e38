package emnist.diffusion.bench;

import emnist.diffusion.generation.DDPMPipeline;
import emnist.diffusion.model.UNet2DModelConfig;
import emnist.diffusion.scheduler.Scheduler;
import emnist.diffusion.torch.Autocast;
import emnist.diffusion.torch.MixedPrecision;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.DoubleSupplier;

/** The same work by this project and by eager PyTorch with diffusers, run in turn. */
public final class PeerBench {

  static final int STEPS = 10;
  private static final String IN_BF16 = "sampling in bf16";
  private static final Scheduler DDPM = Scheduler.fromJson("{\"_class_name\": \"DDPMScheduler\"}");

  private PeerBench() {}

  /** Takes the Python interpreter to use. */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    String python = arguments[0];
    try (Peer peer = new Peer(python)) {
      if (peer.description() == null) {
        System.out.println("Skipped: " + python + " has no torch and diffusers to compare with.");
        return;
      }
      Bench.print("%s; beside it %s\n", Machine.description(), peer.description());
      boolean isBf16Slow = isBf16Slow();
      if (isBf16Slow) {
        Bench.print("Skipped: %s, which takes many times as long here as in float32.\n", IN_BF16);
      }
      Bench.print("| network | batch | what | ms | eager, ms | ratio | MiB | eager, MiB | ratio |");
      Bench.print("| --- | ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: |");
      for (Preset preset : Preset.values()) {
        for (int batch : new int[] {1, 8, 32}) {
          compare(peer, python, preset, batch, isBf16Slow);
        }
      }
      compareCompiled(peer);
    }
  }

  /** Beside {@code torch.compile}, which wants a C++ compiler. */
  private static void compareCompiled(Peer peer) {
    try {
      peer.task("forward", Bench.config(Preset.SMALL), 1, Peer.Mode.COMPILED).getAsDouble();
    } catch (IllegalStateException e) {
      Bench.print("\nSkipped: torch.compile does not work here (%s).", e.getMessage());
      return;
    }
    Bench.print("\n| network | batch | what | ms | torch.compile, ms | ratio |");
    Bench.print("| --- | ---: | --- | ---: | ---: | ---: |");
    for (int batch : new int[] {8, 16, 32}) {
      compareCompiled(peer, Preset.SMALL, batch);
    }
    for (int batch : new int[] {1, 8}) {
      compareCompiled(peer, Preset.README, batch);
    }
  }

  private static void compareCompiled(Peer peer, Preset preset, int batch) {
    UNet2DModelConfig config = Bench.config(preset);
    try (Network network = Bench.network(preset, batch)) {
      Map<String, DoubleSupplier> tasks = new LinkedHashMap<>();
      tasks.put("forward", Timing.timed(network::forward));
      tasks.put("training step", Timing.timed(network::trainingStep));
      List<String> works = List.copyOf(tasks.keySet());
      for (String what : works) {
        tasks.put("compiled " + what, peer.task(what, config, batch, Peer.Mode.COMPILED));
      }
      Map<String, Double> ms = Timing.medians(tasks);
      for (String what : works) {
        print(preset, batch, what, ms.get(what), ms.get("compiled " + what));
        System.out.println();
      }
    }
  }

  /** Whether bfloat16 takes many times as long as float32, as on a CPU without instructions. */
  private static boolean isBf16Slow() {
    try (Network network = Bench.network(Preset.SMALL, 8)) {
      double single = Timing.brief(Timing.timed(() -> sample(network, MixedPrecision.NO)));
      double mixed = Timing.brief(Timing.timed(() -> sample(network, MixedPrecision.BF16)));
      return mixed > 3 * single;
    }
  }

  private static void compare(
      Peer peer, String python, Preset preset, int batch, boolean isBf16Slow)
      throws IOException, InterruptedException {
    UNet2DModelConfig config = Bench.config(preset);
    List<String> works = List.of("forward", "training step", "sampling");
    Map<String, Double> ms;
    try (Network network = Bench.network(preset, batch)) {
      Map<String, DoubleSupplier> tasks = new LinkedHashMap<>();
      tasks.put("forward", Timing.timed(network::forward));
      tasks.put("training step", Timing.timed(network::trainingStep));
      tasks.put("sampling", Timing.timed(() -> sample(network, MixedPrecision.NO)));
      if (!isBf16Slow) {
        tasks.put(IN_BF16, Timing.timed(() -> sample(network, MixedPrecision.BF16)));
      }
      works.forEach(
          what -> tasks.put("eager " + what, peer.task(what, config, batch, Peer.Mode.EAGER)));
      ms = Timing.medians(tasks);
    }
    for (String what : works) {
      print(preset, batch, what, ms.get(what), ms.get("eager " + what));
      double ours = PeakMemory.of("memory", what, preset.name(), Integer.toString(batch));
      double eager =
          PeakMemory.lastNumber(
              List.of(
                  python,
                  Peer.SCRIPT,
                  "--memory",
                  Peer.work(what, config, batch, Peer.Mode.EAGER)));
      Bench.print(" %.0f | %.0f | %.2f |", ours, eager, ours / eager);
    }
    if (!isBf16Slow) {
      print(preset, batch, IN_BF16, ms.get(IN_BF16), ms.get("eager sampling"));
      Bench.print(" | | |");
    }
  }

  private static void print(Preset preset, int batch, String what, double ms, double eager) {
    System.out.printf(
        "| %s | %s | %s | %.1f | %.1f | %.2f |",
        preset.name().toLowerCase(Locale.ROOT), batch, what, ms, eager, ms / eager);
  }

  /** Ten steps of DDPM. */
  static void sample(Network network, MixedPrecision precision) {
    DDPMPipeline pipeline = new DDPMPipeline(network.model(), DDPM);
    try {
      Autocast.in(precision, () -> pipeline.generate(new int[network.batch()], 0, STEPS));
    } catch (InterruptedException e) {
      throw new IllegalStateException("Expected no interrupt, found one. Run it again.", e);
    }
  }
}
