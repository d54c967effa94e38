package emnist.diffusion.bench;

import ai.djl.Device;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import emnist.diffusion.config.Json;
import emnist.diffusion.model.UNet2DModelConfig;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.function.DoubleSupplier;

/** A Python process that does the same work with PyTorch and diffusers. */
final class Peer implements AutoCloseable {

  static final String SCRIPT = "environment/bench_peer.py";

  /** PyTorch's threads go on spinning for some milliseconds; their time must not be ours. */
  private static final long PAUSE_MILLISECONDS = 20;

  private final Process process;
  private final BufferedReader answers;
  private final BufferedWriter questions;
  private final String description;

  Peer(String python) throws IOException {
    process =
        new ProcessBuilder(python, SCRIPT).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    answers = process.inputReader();
    questions = process.outputWriter();
    description = answers.readLine();
  }

  /** Versions and threads, or null if this Python lacks PyTorch or diffusers. */
  String description() {
    return description;
  }

  /**
   * Who does the work.
   *
   * @param device by DJL's names
   * @param precision {@code mixed_precision} by accelerate's names
   * @param compiled whether by {@code torch.compile}
   */
  record Mode(Device device, String precision, boolean compiled) {

    /** Eager PyTorch in float32, on the CPU. */
    static final Mode EAGER = new Mode(Device.cpu(), "no", false);

    /** The same network, compiled. */
    static final Mode COMPILED = new Mode(Device.cpu(), "no", true);
  }

  /** One piece of work as the script understands it. */
  static String work(String what, UNet2DModelConfig config, int batch, Mode mode) {
    ObjectNode work = JsonNodeFactory.instance.objectNode();
    work.put("what", what);
    work.set("config", Json.parse(config.toJson()));
    work.put("batch", batch);
    work.put("size", Bench.SIZE);
    work.put("device", mode.device().isGpu() ? "cuda:" + mode.device().getDeviceId() : "cpu");
    work.put("precision", mode.precision());
    work.put("compiled", mode.compiled());
    return Json.writeCompact(work);
  }

  /**
   * The time that Python measures for a run, in milliseconds.
   *
   * @throws IllegalStateException from the task, with Python's reason, if it fails there
   */
  DoubleSupplier task(String what, UNet2DModelConfig config, int batch, Mode mode) {
    String work = work(what, config, batch, mode);
    return () -> {
      try {
        questions.write(work + "\n");
        questions.flush();
        String answer = String.valueOf(answers.readLine());
        if (!answer.matches("[0-9.e+-]+")) {
          throw new IllegalStateException(answer);
        }
        Thread.sleep(PAUSE_MILLISECONDS);
        return Double.parseDouble(answer);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      } catch (InterruptedException e) {
        throw new IllegalStateException("Expected no interrupt, found one. Run it again.", e);
      }
    };
  }

  @Override
  public void close() {
    process.destroy();
  }
}
