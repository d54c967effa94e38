package emnist.diffusion.bench;

import ai.djl.util.cuda.CudaUtils;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** What the report was made on. */
final class MachineFacts implements Section {

  @Override
  public String title() {
    return "Machine";
  }

  @Override
  public void measure(Run run, Findings findings) throws IOException {
    findings.row("what", "machine", "found", Machine.description());
    findings.row("what", "device", "found", run.settings().device());
    if (run.settings().isGpu()) {
      findings.row("what", "GPU, driver, memory", "found", gpu());
      findings.row("what", "CUDA", "found", CudaUtils.getCudaVersionString());
      int device = run.settings().device().getDeviceId();
      findings.row("what", "compute capability", "found", CudaUtils.getComputeCapability(device));
      findings.row("what", "TF32 as it stands", "found", tf32());
    }
  }

  private static String gpu() {
    try {
      Process process =
          new ProcessBuilder(
                  "nvidia-smi",
                  "--query-gpu=name,driver_version,memory.total",
                  "--format=csv,noheader")
              .start();
      String answer =
          new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      return answer.isEmpty() ? "nvidia-smi says nothing" : answer.replace("\n", "; ");
    } catch (IOException e) {
      return "unknown without nvidia-smi";
    }
  }

  private static String tf32() {
    if ("0".equals(System.getenv("NVIDIA_TF32_OVERRIDE"))) {
      return "off (NVIDIA_TF32_OVERRIDE=0)";
    }
    return "1".equals(System.getenv("TORCH_ALLOW_TF32_CUBLAS_OVERRIDE"))
        ? "on (TORCH_ALLOW_TF32_CUBLAS_OVERRIDE=1)"
        : "PyTorch's default: on for convolutions, off for other products";
  }
}
