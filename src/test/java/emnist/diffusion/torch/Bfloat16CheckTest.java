package emnist.diffusion.torch;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import emnist.diffusion.CapturedLog;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class Bfloat16CheckTest {

  private static final String AVX2 =
      "processor\t: 0\nvendor_id\t: GenuineIntel\nflags\t\t: fpu sse4_1 avx avx2\nbugs\t\t: none\n";
  private static final String AVX512 = AVX2.replace("avx2", "avx2 avx512f avx512_bf16");

  @Test
  void warnsOnceOfACpuWithoutTheInstructions() {
    Bfloat16Check check = new Bfloat16Check(AVX2, "");

    assertThat(CapturedLog.during(() -> check.before(Device.cpu())))
        .containsOnlyOnce("WARN")
        .contains("no instructions for bfloat16", "12 times", "\"mixed_precision\": \"no\"");
    assertThat(CapturedLog.during(() -> check.before(Device.cpu()))).isEmpty();
  }

  @Test
  void aGpuNeedsNoInstructionsOfTheCpu() {
    Bfloat16Check check = new Bfloat16Check(AVX2, "");

    assertThat(CapturedLog.during(() -> check.before(Device.gpu()))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "flags\t\t: avx512f avx512_bf16",
        "flags\t\t: amx_tile amx_bf16 fsrm",
        "flags\t\t: avx2 avx_vnni avx_ne_convert",
        "Features\t: fp asimd bf16 i8mm"
      })
  void saysNothingOfACpuWithTheInstructions(String flags) {
    assertThat(isSlow("processor\t: 0\n" + flags + "\n", "")).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"flags\t\t: avx512f avx512bw", "Features\t: fp asimd svebf16x"})
  void takesNoOtherWordForThem(String flags) {
    assertThat(isSlow("processor\t: 0\n" + flags + "\nmodel name\t: bf16\n", "")).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "processor\t: 0\nisa\t\t: rv64imafdc\n"})
  void saysNothingWhereItCannotBeKnown(String cpuinfo) {
    assertThat(isSlow(cpuinfo, "")).isFalse();
  }

  @Test
  void theLimitThatSetupChoosesForbidsTheInstructions() {
    assertThat(isSlow(AVX512, "")).isFalse();
    assertThat(isSlow(AVX512, "AVX512_CORE_BF16")).isFalse();
    assertThat(isSlow(AVX512, "SSE41")).isTrue();
  }

  private static boolean isSlow(String cpuinfo, String dnnlMaxCpuIsa) {
    Bfloat16Check check = new Bfloat16Check(cpuinfo, dnnlMaxCpuIsa);
    return !CapturedLog.during(() -> check.before(Device.cpu())).isEmpty();
  }
}
