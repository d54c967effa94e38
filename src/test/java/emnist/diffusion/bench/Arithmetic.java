package emnist.diffusion.bench;

import emnist.diffusion.torch.MixedPrecision;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The number formats of products; TF32 is chosen by variables that CUDA's libraries read once. */
enum Arithmetic {
  /** What the environment says; on a GPU without a word, TF32 for convolutions alone. */
  AS_IT_STANDS("as it stands", MixedPrecision.NO, Map.of(), 1e-3),

  /** float32 everywhere; the tests ask for 1e-5 to 1e-4 on a CPU. */
  FLOAT32("float32", MixedPrecision.NO, Map.of("NVIDIA_TF32_OVERRIDE", "0"), 1e-4),

  /** Products of numbers rounded to 11 bits; on an H200 the networks stayed below 9.5e-4. */
  TF32("TF32", MixedPrecision.NO, Map.of("TORCH_ALLOW_TF32_CUBLAS_OVERRIDE", "1"), 1e-3),

  /** Products of numbers rounded to 8 bits; the golden tests ask for as much. */
  BF16("bf16", MixedPrecision.BF16, Map.of("TORCH_ALLOW_TF32_CUBLAS_OVERRIDE", "1"), 5e-2);

  private final String title;
  private final MixedPrecision precision;
  private final Map<String, String> environment;
  private final double bound;

  Arithmetic(
      String title, MixedPrecision precision, Map<String, String> environment, double bound) {
    this.title = title;
    this.precision = precision;
    this.environment = environment;
    this.bound = bound;
  }

  /** Those that a device distinguishes; TF32 exists on GPUs alone. */
  static List<Arithmetic> of(ReportSettings settings) {
    return settings.isGpu() ? List.of(FLOAT32, TF32, BF16) : List.of(FLOAT32, BF16);
  }

  /** What one trains with: bf16 on a GPU. */
  static Arithmetic ofTraining(ReportSettings settings) {
    return settings.isGpu() ? BF16 : FLOAT32;
  }

  MixedPrecision precision() {
    return precision;
  }

  /** {@code mixed_precision} by accelerate's names. */
  String mixedPrecision() {
    return precision == MixedPrecision.BF16 ? "bf16" : "no";
  }

  /** Changes the environment of a process that is to compute so. */
  void applyTo(Map<String, String> processEnvironment) {
    if (this != AS_IT_STANDS) {
      Stream.of(values())
          .forEach(each -> processEnvironment.keySet().removeAll(each.environment.keySet()));
    }
    processEnvironment.putAll(environment);
  }

  /** The largest difference allowed, as a part of the largest number. */
  double bound() {
    return bound;
  }

  @Override
  public String toString() {
    return title;
  }
}
