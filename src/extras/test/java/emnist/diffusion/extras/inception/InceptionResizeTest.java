package emnist.diffusion.extras.inception;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import emnist.diffusion.Golden;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class InceptionResizeTest {

  /** Grey levels, of 255. */
  private static final double TOLERANCE = 1e-3;

  private static final int SIZE = 299;
  private static final Golden GOLDEN = Golden.open("fid_inception_golden");

  private final NDManager manager = NDManager.newBaseManager();

  @AfterEach
  void freeArrays() {
    manager.close();
  }

  static Stream<String> otherSizes() {
    return keys("resize\\..*_to_\\d+x\\d+");
  }

  @ParameterizedTest
  @MethodSource("otherSizes")
  void agreesWithTheReferenceAtOtherSizes(String key) {
    Matcher matcher = Pattern.compile("resize\\.(\\w+)\\.(\\w+)_to_(\\d+)x(\\d+)").matcher(key);
    assertThat(matcher.matches()).isTrue();
    NDArray x = GOLDEN.array(manager, "resize." + matcher.group(1) + ".x");
    NDArray y =
        resize(matcher.group(2))
            .apply(x, Integer.parseInt(matcher.group(3)), Integer.parseInt(matcher.group(4)));
    GOLDEN.assertClose(key, y, TOLERANCE);
  }

  static Stream<String> edges() {
    return keys("resize\\..*\\.row0_and_col0_ch0");
  }

  @ParameterizedTest
  @MethodSource("edges")
  void agreesWithTheReferenceAtTheEdgesAndInTheMiddle(String key) {
    NDArray plane = resized(key).get(0).get(0);
    NDList lines =
        new NDList(
            plane.get(0), plane.get(":,0"), plane.get(150), plane.get(298), plane.get(":,298"));
    GOLDEN.assertClose(key, NDArrays.stack(lines), TOLERANCE);
  }

  static Stream<String> means() {
    return keys("resize\\..*\\.mean");
  }

  @ParameterizedTest
  @MethodSource("means")
  void agreesWithTheReferenceOnTheMean(String key) {
    NDArray y = resized(key);
    NDArray means = y.reshape(y.getShape().get(0), y.getShape().get(1), -1).mean(new int[] {2});
    GOLDEN.assertClose(key, means, TOLERANCE);
  }

  static Stream<String> fullImages() {
    return keys("resize\\..*\\.full_image0_scaled");
  }

  @ParameterizedTest
  @MethodSource("fullImages")
  void agreesWithTheReferenceAtEveryPixel(String key) {
    NDArray first = resized(key).get("0:1");
    GOLDEN.assertClose(key, first.sub(128).div(128), TOLERANCE / 128);
  }

  @Test
  void leavesItsInputAlone() {
    NDArray x = manager.arange(4f).reshape(1, 1, 2, 2);
    for (InceptionResize resize : InceptionResize.values()) {
      try (NDArray y = resize.apply(x, 2, 2)) {
        assertThat(y.toFloatArray()).containsExactly(0, 1, 2, 3);
      }
    }
    assertThat(x.toFloatArray()).containsExactly(0, 1, 2, 3);
  }

  /** The input and the resize that a key such as {@code resize.x28.tf1x.mean} names. */
  private NDArray resized(String key) {
    String[] parts = key.split("\\.");
    NDArray x = GOLDEN.array(manager, parts[1]).toType(DataType.FLOAT32, false);
    return resize(parts[2]).apply(x, SIZE, SIZE);
  }

  private static InceptionResize resize(String name) {
    return name.equals("tf1x") ? InceptionResize.TF1X : InceptionResize.ANTIALIAS;
  }

  private static Stream<String> keys(String pattern) {
    return GOLDEN.names().stream().filter(key -> key.matches(pattern));
  }
}
