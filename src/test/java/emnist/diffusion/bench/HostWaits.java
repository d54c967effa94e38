package emnist.diffusion.bench;

import ai.djl.pytorch.jni.JniUtils;
import com.fasterxml.jackson.databind.JsonNode;
import emnist.diffusion.config.Json;
import emnist.diffusion.training.TrainingStep;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Whether a training step makes the host wait for the device, by PyTorch's profiler; on a CPU it is
 * only seen to work. The clock beside it proves nothing alone: a GPU takes about a thousand calls
 * in advance, and a step makes more.
 */
final class HostWaits implements Section {

  /** Operators that bring a value to the host, or need one there to know a shape. */
  private static final List<String> WAITING =
      List.of(
          "aten::item",
          "aten::_local_scalar_dense",
          "aten::is_nonzero",
          "aten::nonzero",
          "aten::masked_select",
          "aten::equal",
          "cudaStreamSynchronize",
          "cudaDeviceSynchronize");

  private static final double RATE = 1e-4;
  private static final int RUNS = 5;

  @Override
  public String title() {
    return "Waits of the host in a training step";
  }

  @Override
  public List<Run> runs(ReportSettings settings) {
    return List.of(new Run(Arithmetic.ofTraining(settings), settings));
  }

  @Override
  public void measure(Run run, Findings findings) throws IOException {
    boolean isGpu = run.settings().isGpu();
    int batch = Math.min(Aims.BATCH, run.settings().largestBatch());
    Preset preset = run.settings().preset();
    try (Network network =
        new Network(Bench.config(preset), batch, Bench.SIZE, run.arithmetic().precision())) {
      for (int i = 0; i < RUNS; i++) {
        network.trainingStep();
      }
      Map<String, Long> counts = operators(network);
      counts.keySet().retainAll(WAITING);
      findings.verdict(
          !isGpu || counts.isEmpty(),
          "operators_that_wait_for_a_gpu",
          counts.isEmpty() ? "none" : counts);
      double[] returned = new double[RUNS];
      double[] read = new double[RUNS];
      for (int i = 0; i < RUNS; i++) {
        long start = System.nanoTime();
        try (TrainingStep step = network.step()) {
          step.update(RATE);
          returned[i] = (System.nanoTime() - start) / 1e6;
          step.gradNorm().getFloat();
          read[i] = (System.nanoTime() - start) / 1e6;
        }
      }
      double first = Timing.median(returned);
      double second = Timing.median(read);
      findings.row(
          "batch", batch, "ms_until_the_call_returns", first, "ms_until_a_number_is_read", second);
    }
  }

  /** How often a step and its update call each operator, when no result is read. */
  private static Map<String, Long> operators(Network network) throws IOException {
    Path trace = Files.createTempFile("trace", ".json");
    try {
      JniUtils.startProfile(false, false, false);
      try (TrainingStep step = network.step()) {
        step.update(RATE);
        JniUtils.stopProfile(trace.toString());
      }
      return Json.elements(Json.parse(trace)).stream()
          .map(event -> event.path("name"))
          .collect(Collectors.groupingBy(JsonNode::asText, TreeMap::new, Collectors.counting()));
    } finally {
      Files.delete(trace);
    }
  }
}
