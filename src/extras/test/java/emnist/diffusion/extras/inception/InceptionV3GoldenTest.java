package emnist.diffusion.extras.inception;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDManager;
import emnist.diffusion.Golden;
import emnist.diffusion.extras.inception.FormulaWeights.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The network sees what torch-fidelity's and torchmetrics' see through the same weights. */
class InceptionV3GoldenTest {

  /** Of the largest value of a layer; float32 sums in another order differ by a few 1e-6. */
  private static final double TOLERANCE = 2e-5;

  private static final Golden GOLDEN = Golden.open("fid_inception_golden");

  private static final Map<InceptionResize, String> PREFIX =
      Map.of(InceptionResize.TF1X, "tf1x.", InceptionResize.ANTIALIAS, "torchmetrics_antialias.");

  private static final List<String> INPUTS = List.of("x28", "x32");

  private static final Map<InceptionResize, InceptionV3> NETWORKS = new HashMap<>();

  @TempDir private static Path folder;
  private static NDManager manager;

  @BeforeAll
  static void load() throws IOException {
    manager = NDManager.newBaseManager();
    Path file = folder.resolve("weights.safetensors");
    FormulaWeights.write(file);
    for (InceptionResize resize : InceptionResize.values()) {
      NETWORKS.put(resize, InceptionV3.load(manager, file, resize));
    }
  }

  @AfterAll
  static void freeArrays() {
    manager.close();
  }

  @Test
  void theFormulaGivesTheWeightsOfTheReference() throws IOException {
    for (Tensor tensor : FormulaWeights.tensors()) {
      double[] values = doubles(tensor.values());
      assertThat(Arrays.copyOf(values, tensor.first().length))
          .as(tensor.name())
          .containsExactly(tensor.first());
      assertThat(DoubleStream.of(values).sum())
          .as(tensor.name())
          .isEqualTo(tensor.sum(), within(1e-6));
    }
  }

  @ParameterizedTest
  @EnumSource(InceptionResize.class)
  void agreesOnEveryFeature(InceptionResize resize) {
    for (String input : INPUTS) {
      String prefix = PREFIX.get(resize) + input + ".";
      int[] shape = shape(input);
      Map<String, float[][]> features =
          NETWORKS.get(resize).features(bytes(input), shape[0], shape[2], shape[3]);
      assertThat(features.keySet()).isEqualTo(names(prefix));
      features.forEach((name, values) -> assertAgrees(prefix + name, values));
    }
  }

  @ParameterizedTest
  @EnumSource(InceptionResize.class)
  void agreesOnTheMeanOfEveryChannel(InceptionResize resize) {
    String prefix = PREFIX.get(resize) + "chmean.";
    int[] shape = shape("x28");
    NETWORKS
        .get(resize)
        .compute(bytes("x28"), shape[0], shape[2], shape[3], names(prefix))
        .forEach((stage, values) -> assertAgrees(prefix + stage, values));
  }

  private static void assertAgrees(String key, float[][] actual) {
    double[] expected = GOLDEN.doubles(key);
    double largest = DoubleStream.of(expected).map(Math::abs).max().orElseThrow();
    double[] values =
        Arrays.stream(actual).flatMapToDouble(row -> DoubleStream.of(doubles(row))).toArray();
    Golden.assertClose(key, values, expected, TOLERANCE * largest);
  }

  /** What follows {@code prefix} in the names of the file, which is never nothing. */
  private static Set<String> names(String prefix) {
    Set<String> names =
        GOLDEN.names().stream()
            .filter(key -> key.startsWith(prefix))
            .map(key -> key.substring(prefix.length()))
            .collect(Collectors.toSet());
    assertThat(names).as(prefix).isNotEmpty();
    return names;
  }

  private static int[] shape(String input) {
    return Arrays.stream(GOLDEN.shape(input)).mapToInt(Math::toIntExact).toArray();
  }

  private static byte[] bytes(String input) {
    int[] values = GOLDEN.unsignedBytes(input);
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return bytes;
  }

  private static double[] doubles(float[] values) {
    return IntStream.range(0, values.length).mapToDouble(i -> values[i]).toArray();
  }
}
