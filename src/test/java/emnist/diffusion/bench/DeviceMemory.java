package emnist.diffusion.bench;

import ai.djl.engine.EngineException;
import ai.djl.util.cuda.CudaUtils;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** The most memory that training steps take. */
final class DeviceMemory implements Section {

  private static final double MIB = 1024 * 1024;

  @Override
  public String title() {
    return "Peak memory of a training step";
  }

  /** Each batch in a process of its own, because the device's memory is kept until the end. */
  @Override
  public List<Run> runs(ReportSettings settings) {
    List<Arithmetic> arithmetics =
        settings.isGpu()
            ? List.of(Arithmetic.FLOAT32, Arithmetic.BF16)
            : List.of(Arithmetic.FLOAT32);
    return arithmetics.stream()
        .flatMap(each -> settings.batches().stream().map(b -> new Run(each, settings.withBatch(b))))
        .toList();
  }

  @Override
  public void measure(Run run, Findings findings) throws IOException {
    ReportSettings settings = run.settings();
    boolean isGpu = settings.isGpu();
    double before = isGpu ? used(settings) : 0;
    int batch = settings.largestBatch();
    Preset preset = settings.preset();
    try (Network network =
        new Network(Bench.config(preset), batch, Bench.SIZE, run.arithmetic().precision())) {
      Stream.generate(() -> network).limit(3).forEach(Network::trainingStep);
      findings.row(
          "arithmetic",
          run.arithmetic(),
          "network",
          preset.name().toLowerCase(Locale.ROOT),
          "batch",
          batch,
          "mib",
          isGpu ? used(settings) - before : PeakMemory.ofThisProcess());
    } catch (EngineException e) {
      findings.tooLarge(batch, e);
    }
  }

  private static double used(ReportSettings settings) {
    return CudaUtils.getGpuMemory(settings.device()).getUsed() / MIB;
  }
}
