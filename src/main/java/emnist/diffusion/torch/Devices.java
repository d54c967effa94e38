package emnist.diffusion.torch;

import ai.djl.Device;
import ai.djl.engine.Engine;

/** Selects the device to compute on. */
public final class Devices {

  private Devices() {}

  /**
   * The device called {@code "cpu"}, {@code "gpu"}, or {@code "gpu1"} and so on; for null or a
   * blank name the first GPU if DJL sees one, else the CPU.
   *
   * @throws IllegalArgumentException if this machine has no such device
   */
  public static Device named(String name) {
    int gpus = Engine.getInstance().getGpuCount();
    if (name == null || name.isBlank()) {
      return gpus > 0 ? Device.gpu() : Device.cpu();
    }
    // DJL's own "gpu" has no device number.
    String numbered = name.equals("gpu") ? "gpu0" : name;
    Device device = numbered.matches("cpu|gpu\\d{1,3}") ? Device.fromName(numbered) : null;
    if (device == null || device.isGpu() && device.getDeviceId() >= gpus) {
      throw new IllegalArgumentException(
          "Expected cpu%s as the device, found \"%s\". %s"
              .formatted(
                  gpus == 0 ? "" : " or gpu0 to gpu" + (gpus - 1),
                  name,
                  gpus == 0
                      ? "No GPU is visible: use cpu, or start with the GPU build of PyTorch."
                      : "Choose one of these."));
    }
    return device;
  }
}
