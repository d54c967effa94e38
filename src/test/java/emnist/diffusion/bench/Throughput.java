package emnist.diffusion.bench;

import ai.djl.engine.EngineException;
import emnist.diffusion.generation.DDPMPipeline;
import emnist.diffusion.model.UNet2DModelConfig;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.DoubleSupplier;

/** Predictions, training steps and sampling, beside PyTorch in Python. */
final class Throughput implements Section {

  private static final String TRAINING = "training step";
  private static final String SAMPLING = "sampling";

  /** What is timed of a network at a batch size. */
  private record Work(Preset preset, int batch, String what) {}

  private final boolean compiled;

  /** Beside eager PyTorch, or beside {@code torch.compile}, which takes minutes to compile. */
  Throughput(boolean compiled) {
    this.compiled = compiled;
  }

  @Override
  public String title() {
    return compiled ? "Throughput beside torch.compile" : "Throughput";
  }

  @Override
  public List<Run> runs(ReportSettings settings) {
    List<Arithmetic> arithmetics =
        compiled ? List.of(Arithmetic.ofTraining(settings)) : Arithmetic.of(settings);
    return arithmetics.stream().map(each -> new Run(each, settings)).toList();
  }

  @Override
  public void measure(Run run, Findings findings) throws IOException {
    Map<Work, Object> peers = peers(run, findings);
    if (compiled && peers.isEmpty()) {
      return;
    }
    for (Preset preset : presets(run.settings())) {
      for (int batch : run.settings().batches()) {
        try (Network network =
            new Network(Bench.config(preset), batch, Bench.SIZE, run.arithmetic().precision())) {
          for (String what : works(batch)) {
            double ms = Timing.brief(task(network, what, run.arithmetic()));
            print(run, new Work(preset, batch, what), ms, peers, findings);
          }
        } catch (EngineException e) {
          findings.tooLarge(batch, e);
        }
      }
    }
  }

  /** Both networks; compiling takes minutes, so that one is enough there. */
  private List<Preset> presets(ReportSettings settings) {
    return compiled ? List.of(settings.preset()) : settings.presets();
  }

  private List<String> works(int batch) {
    // The pipeline never asks a network for more images at once.
    return batch <= DDPMPipeline.BATCH_SIZE && !compiled
        ? List.of("forward", TRAINING, SAMPLING)
        : List.of("forward", TRAINING);
  }

  private static DoubleSupplier task(Network network, String what, Arithmetic arithmetic) {
    return Timing.timed(
        switch (what) {
          case TRAINING -> network::trainingStep;
          case SAMPLING -> () -> PeerBench.sample(network, arithmetic.precision());
          default -> network::forward;
        });
  }

  /** The times of Python, before this process takes the device's memory for itself. */
  private Map<Work, Object> peers(Run run, Findings findings) throws IOException {
    Map<Work, Object> found = new LinkedHashMap<>();
    String python = run.settings().peerPython();
    if (python == null) {
      findings.note("No Python beside it: PEER_PYTHON names none.");
      return found;
    }
    try (Peer peer = new Peer(python)) {
      if (peer.description() == null) {
        findings.note("No Python beside it: " + python + " has no torch and diffusers.");
        return found;
      }
      Peer.Mode mode =
          new Peer.Mode(run.settings().device(), run.arithmetic().mixedPrecision(), compiled);
      for (Preset preset : presets(run.settings())) {
        for (int batch : run.settings().batches()) {
          UNet2DModelConfig config = Bench.config(preset);
          for (String what : works(batch)) {
            found.put(new Work(preset, batch, what), brief(peer.task(what, config, batch, mode)));
          }
        }
      }
      findings.note("%s, beside %s".formatted(run.arithmetic(), peer.description()));
    }
    return found;
  }

  private static Object brief(DoubleSupplier task) {
    try {
      return Timing.brief(task);
    } catch (IllegalStateException e) {
      return e.getMessage();
    }
  }

  private void print(Run run, Work work, double ms, Map<Work, Object> peers, Findings findings) {
    int calls = work.what().equals(SAMPLING) ? PeerBench.STEPS : 1;
    double perSecond = 1000 * calls * work.batch() / ms;
    List<Object> row =
        new ArrayList<>(
            List.of(
                "arithmetic",
                run.arithmetic(),
                "network",
                work.preset().name().toLowerCase(Locale.ROOT),
                "batch",
                work.batch(),
                "what",
                calls > 1 ? "network call of sampling" : work.what(),
                "ms",
                ms / calls,
                "ms_an_image",
                1000 / perSecond,
                "images_a_second",
                perSecond));
    Object eager = peers.get(work);
    if (eager instanceof Double time) {
      row.addAll(List.of(compiled ? "compiled_ms" : "eager_ms", time / calls, "ratio", ms / time));
    } else if (eager != null) {
      row.addAll(List.of(compiled ? "compiled_ms" : "eager_ms", eager, "ratio", ""));
    }
    findings.row(row.toArray());
    boolean isAim =
        work.preset() == Preset.README
            && work.batch() == Aims.BATCH
            && work.what().equals(TRAINING)
            && run.arithmetic() == Arithmetic.BF16;
    if (isAim) {
      findings.note(Aims.beside(perSecond));
    }
  }
}
