package emnist.diffusion.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import emnist.diffusion.config.Json;
import emnist.diffusion.model.UNet2DModelConfig;
import emnist.diffusion.torch.MixedPrecision;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.List;

/**
 * Measures what the project spends its time and memory on, and prints tables in Markdown.
 *
 * <p>Without arguments all of it; with the names of sections ({@code networks}, {@code growth},
 * {@code sampling}, {@code rest}) these alone.
 */
public final class Bench {

  /** Rows and columns of EMNIST's images. */
  static final int SIZE = 28;

  private static final int CLASSES = 26;

  private Bench() {}

  /** Runs the sections named, all if none is; or measures one thing for another process. */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    if (arguments.length > 0 && arguments[0].equals("memory")) {
      work(arguments[1], Preset.valueOf(arguments[2]), Integer.parseInt(arguments[3]));
      System.out.println(PeakMemory.ofThisProcess());
      return;
    }
    if (arguments.length > 0 && arguments[0].equals("first")) {
      work("forward", Preset.SMALL, 1);
      System.out.println(
          System.currentTimeMillis() - ManagementFactory.getRuntimeMXBean().getStartTime());
      return;
    }
    List<String> sections =
        arguments.length > 0
            ? List.of(arguments)
            : List.of("networks", "growth", "sampling", "rest");
    System.out.println(Machine.description());
    for (String section : sections) {
      switch (section) {
        case "networks" -> NetworkCosts.print();
        case "growth" -> Growth.print();
        case "sampling" -> Sampling.print();
        case "rest" -> OtherCosts.print();
        default ->
            throw new IllegalArgumentException(
                "Expected networks, growth, sampling or rest, found \"%s\". Choose one of these."
                    .formatted(section));
      }
    }
  }

  static UNet2DModelConfig config(Preset preset) {
    return preset.unetConfig(CLASSES);
  }

  static Network network(Preset preset, int batch) {
    return new Network(config(preset), batch, SIZE, MixedPrecision.NO);
  }

  /** The small network with other channels. */
  static UNet2DModelConfig small(List<Integer> channels) {
    ObjectNode json = Json.object(Json.parse(config(Preset.SMALL).toJson()));
    channels.forEach(json.putArray("block_out_channels")::add);
    return UNet2DModelConfig.fromJson(json.toString());
  }

  /** Three of the same, enough to reach the peak. */
  private static void work(String what, Preset preset, int batch) {
    try (Network network = network(preset, batch)) {
      for (int i = 0; i < 3; i++) {
        switch (what) {
          case "forward" -> network.forward();
          case "sampling" -> PeerBench.sample(network, MixedPrecision.NO);
          default -> network.trainingStep();
        }
      }
    }
  }

  /** A line of a table or text. */
  static void print(String format, Object... arguments) {
    System.out.println(format.formatted(arguments));
  }
}
