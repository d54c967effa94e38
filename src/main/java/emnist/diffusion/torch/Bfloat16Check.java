package emnist.diffusion.torch;

import ai.djl.Device;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Warns, once, if bfloat16 is computed on a CPU without instructions for it. */
final class Bfloat16Check {

  private static final Logger LOG = LoggerFactory.getLogger(Bfloat16Check.class);

  /** The line of {@code /proc/cpuinfo} that lists what an x86 or an Arm CPU can do. */
  private static final Pattern FLAGS = Pattern.compile("(?m)^(?:flags|Features)\\s*:.*");

  private static final Pattern OF_BFLOAT16 =
      Pattern.compile("\\b(?:avx512_bf16|amx_bf16|avx_ne_convert|bf16)\\b");

  /** The values of DNNL_MAX_CPU_ISA that keep oneDNN from using these instructions. */
  private static final Pattern LIMITS = Pattern.compile("(?i)SSE41|AVX2?");

  private final boolean isSlow;
  private final AtomicBoolean warned = new AtomicBoolean();

  /** A text without a list of what the CPU can do says nothing, and leads to no warning. */
  Bfloat16Check(String cpuinfo, String dnnlMaxCpuIsa) {
    Matcher flags = FLAGS.matcher(cpuinfo);
    this.isSlow =
        LIMITS.matcher(dnnlMaxCpuIsa).matches()
            || flags.find() && !OF_BFLOAT16.matcher(flags.group()).find();
  }

  static Bfloat16Check ofThisMachine() {
    String cpuinfo;
    try {
      cpuinfo = Files.readString(Path.of("/proc/cpuinfo"));
    } catch (IOException e) {
      cpuinfo = ""; // not Linux
    }
    return new Bfloat16Check(cpuinfo, System.getenv().getOrDefault("DNNL_MAX_CPU_ISA", ""));
  }

  void before(Device device) {
    if (isSlow && !device.isGpu() && !warned.getAndSet(true)) {
      LOG.warn(
          "This CPU has no instructions for bfloat16, or DNNL_MAX_CPU_ISA forbids them. Sampling on"
              + " such a CPU took 12 times as long as in float32. Use float32 here:"
              + " \"mixed_precision\": \"no\".");
    }
  }
}
