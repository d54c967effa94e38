package emnist.diffusion.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.offset;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import emnist.diffusion.Golden;
import emnist.diffusion.GoldenModel;
import emnist.diffusion.torch.MixedPrecision;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The 113,668,609-parameter network of the original project, with weights computed by a formula.
 */
class ReadmeModelTest {

  private static final Golden GOLDEN = Golden.open("unet_readme_formula.io");
  private static NDManager manager;
  private static UNet2DModel model;

  @BeforeAll
  static void createModel() {
    manager = NDManager.newBaseManager();
    model = GoldenModel.readme(manager, GOLDEN);
  }

  @AfterAll
  static void freeModel() {
    manager.close();
  }

  @Test
  void namesAndShapesAreThoseOfTheStateDict() throws IOException {
    List<String> found =
        model.parameters().entrySet().stream()
            .map(e -> e.getKey() + "\t" + tuple(e.getValue().getShape()))
            .toList();

    assertThat(found).containsExactlyElementsOf(stateDict());
    assertThat(model.numParameters()).isEqualTo(113_668_609);
  }

  @ParameterizedTest
  @ValueSource(ints = {28, 32})
  void outputsAndGradientsAreThoseOfDiffusers(int size) {
    try (NDManager step = manager.newSubManager()) {
      GoldenModel.Run run = GoldenModel.run(step, model, GOLDEN, size + ".", MixedPrecision.NO);

      GOLDEN.assertClose(size + ".y", run.y(), 1e-4);
      double squares = 0;
      for (var entry : run.gradients().entrySet()) {
        NDArray gradient = entry.getValue();
        squares += Math.pow(gradient.norm().getFloat(), 2);
        String key = size + ".grad." + entry.getKey();
        if (GOLDEN.names().contains(key)) {
          double largest = Arrays.stream(GOLDEN.doubles(key)).map(Math::abs).max().orElseThrow();
          GOLDEN.assertClose(key, gradient, 1e-4 * largest);
        }
      }
      double norm = GOLDEN.doubles(size + ".total_grad_norm")[0];
      assertThat(Math.sqrt(squares)).isCloseTo(norm, offset(1e-5 * norm));
    }
  }

  private static List<String> stateDict() throws IOException {
    try (InputStream in =
        ReadmeModelTest.class.getResourceAsStream("/golden/unet_readme_state_dict.txt")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> !line.startsWith("#"))
          .toList();
    }
  }

  private static String tuple(Shape shape) {
    String sizes =
        Arrays.stream(shape.getShape()).mapToObj(Long::toString).collect(Collectors.joining(", "));
    return shape.dimension() == 1 ? "(" + sizes + ",)" : "(" + sizes + ")";
  }
}
