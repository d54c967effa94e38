package emnist.diffusion.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.Device;
import ai.djl.engine.Engine;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class DevicesTest {

  @Test
  void theCpuIsAlwaysThere() {
    assertThat(Devices.named("cpu")).isEqualTo(Device.cpu());
  }

  @ParameterizedTest
  @NullSource
  @ValueSource(strings = {"", " "})
  void noNameMeansTheBest(String name) {
    Device best = Engine.getInstance().getGpuCount() > 0 ? Device.gpu() : Device.cpu();
    assertThat(Devices.named(name)).isEqualTo(best);
  }

  @ParameterizedTest
  @ValueSource(strings = {"gpu", "gpu0", "gpu1"})
  void refusesAGpuThatIsNotThereAndSaysHowToGetOne(String name) {
    assumeTrue(Engine.getInstance().getGpuCount() == 0);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> Devices.named(name))
        .withMessage(
            "Expected cpu as the device, found \"%s\". No GPU is visible: use cpu, or start with the GPU build of PyTorch.",
            name);
  }

  @ParameterizedTest
  @ValueSource(strings = {"cuda", "GPU", "gpu-1", "cpu0", "tpu", "gpu99999999999"})
  void refusesWhatIsNotADevice(String name) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Devices.named(name))
        .withMessageStartingWith("Expected cpu")
        .withMessageContaining("found \"%s\"", name);
  }
}
