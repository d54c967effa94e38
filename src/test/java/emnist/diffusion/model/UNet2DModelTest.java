package emnist.diffusion.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import emnist.diffusion.torch.TorchRandom;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class UNet2DModelTest {

  private static final String TINY =
      """
      {"in_channels": 1, "out_channels": 1, "block_out_channels": [4, 4, 8], "norm_num_groups": 2,
       "layers_per_block": 1, "attention_head_dim": 4, %s}
      """;
  private static final String CONV =
      """
      "down_block_types": ["DownBlock2D", "AttnDownBlock2D", "DownBlock2D"],
      "up_block_types": ["UpBlock2D", "AttnUpBlock2D", "UpBlock2D"]
      """;

  private final NDManager manager = NDManager.newBaseManager();

  @AfterEach
  void freeArrays() {
    manager.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        CONV,
        CONV + ", \"downsample_padding\": 0",
        CONV + ", \"downsample_type\": \"resnet\", \"upsample_type\": \"resnet\"",
        """
        "down_block_types": ["ResnetDownsampleBlock2D", "AttnDownBlock2D", "DownBlock2D"],
        "up_block_types": ["UpBlock2D", "AttnUpBlock2D", "ResnetUpsampleBlock2D"]
        """
      })
  void anyHeightAndWidthGivesAnOutputOfItsSize(String blocks) {
    UNet2DModel model = model(blocks);
    for (int height = 1; height <= 33; height++) {
      int width = 34 - height;
      try (NDManager step = manager.newSubManager()) {
        NDArray y = model.forward(step.ones(new Shape(1, 1, height, width)), 3);

        assertThat(y.getShape()).isEqualTo(new Shape(1, 1, height, width));
        assertThat(y.isNaN().any().getBoolean()).as("%s x %s", height, width).isFalse();
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 5, 28, 33})
  void anySquareGivesAnOutputOfItsSize(int size) {
    NDArray y = model(CONV).forward(manager.ones(new Shape(2, 1, size, size)), 3);

    assertThat(y.getShape()).isEqualTo(new Shape(2, 1, size, size));
  }

  @Test
  void anImageIsTheSameWhateverItsBatch() {
    UNet2DModel model = model(CONV);
    TorchRandom.manualSeed(5);
    NDArray x = manager.randomNormal(new Shape(3, 1, 9, 9));

    NDArray alone = model.forward(x.get("1:2"), 7);

    float[] inBatch = model.forward(x, 7).get("1:2").toFloatArray();
    assertClose(alone.toFloatArray(), inBatch);
  }

  @Test
  void oneTimestepStandsForThatOfEveryImage() {
    UNet2DModel model = model(CONV);
    NDArray x = manager.ones(new Shape(2, 1, 8, 8));

    NDArray each = model.forward(x, manager.create(new long[] {7, 7}), null);

    assertThat(model.forward(x, 7).toFloatArray()).isEqualTo(each.toFloatArray());
  }

  @Test
  void theClassChangesTheOutput() {
    UNet2DModel model = model(CONV + ", \"num_class_embeds\": 3");
    NDArray x = manager.ones(new Shape(2, 1, 8, 8));

    NDArray y = model.forward(x, 7, manager.create(new long[] {0, 2}));

    assertThat(y.get(0).toFloatArray()).isNotEqualTo(y.get(1).toFloatArray());
  }

  @Test
  void dropoutActsInTrainingOnly() {
    UNet2DModel model = model(CONV + ", \"dropout\": 0.5");
    NDArray x = manager.ones(new Shape(1, 1, 8, 8));
    NDArray t = manager.create(new long[] {7});

    float[] first = model.forward(x, t, null).toFloatArray();

    assertThat(model.forward(x, t, null).toFloatArray()).isEqualTo(first);
    assertThat(model.forwardWithGrad(x, t, null).toFloatArray()).isNotEqualTo(first);
  }

  @Test
  void theOutputBelongsToTheManagerOfTheSample() {
    UNet2DModel model = model(CONV);
    NDManager step = manager.newSubManager();

    NDArray y = model.forward(step.ones(new Shape(1, 1, 8, 8)), 7);

    assertThat(y.getManager()).isSameAs(step);
  }

  @Test
  void aForwardPassLeavesNothingButItsOutput() {
    UNet2DModel model = model(CONV + ", \"num_class_embeds\": 3");
    NDManager step = manager.newSubManager();
    NDArray x = step.ones(new Shape(1, 1, 9, 9));
    NDArray label = step.create(new long[] {1});

    NDArray y = model.forward(x, 7, label);

    assertThat(step.getManagedArrays()).containsExactlyInAnyOrder(x, label, y);
    assertThat(model.manager().getManagedArrays())
        .containsAll(model.parameters().values())
        .hasSize(model.parameters().size() + 1); // plus the frequencies of the time embedding
  }

  @Test
  void refusesASampleOfOtherChannels() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> model(CONV).forward(manager.ones(new Shape(1, 3, 8, 8)), 7))
        .withMessage(
            "Expected a FLOAT32 sample of shape (N, 1, H, W) on the network's device, found FLOAT32 (1, 3, 8, 8) on %s. Convert, reshape or move it.",
            manager.getDevice());
  }

  @Test
  void refusesASampleWithoutABatch() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                model(CONV)
                    .forward(manager.ones(new Shape(1, 8, 8)), manager.ones(new Shape(1)), null))
        .withMessage(
            "Expected a FLOAT32 sample of shape (N, 1, H, W) on the network's device, found FLOAT32 (1, 8, 8) on %s. Convert, reshape or move it.",
            manager.getDevice());
  }

  @ParameterizedTest
  @EnumSource(
      value = DataType.class,
      names = {"FLOAT64", "FLOAT16", "INT32", "UINT8", "BOOLEAN"})
  void refusesASampleOfAnotherType(DataType type) {
    NDArray x = manager.ones(new Shape(1, 1, 8, 8), type);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> model(CONV).forward(x, 7))
        .withMessage(
            "Expected a FLOAT32 sample of shape (N, 1, H, W) on the network's device, found %s (1, 1, 8, 8) on %s. Convert, reshape or move it.",
            type.name(), manager.getDevice());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "0,1,8,8", "1,1,0,8", "1,1,8,0"})
  void refusesASampleWithoutAPixel(String sides) {
    Shape shape =
        new Shape(
            Stream.of(sides.split(","))
                .filter(s -> !s.isEmpty())
                .mapToLong(Long::parseLong)
                .toArray());

    assertThatIllegalArgumentException()
        .isThrownBy(() -> model(CONV).forward(manager.zeros(shape), 7))
        .withMessageContaining("found FLOAT32 %s on %s.", shape, manager.getDevice());
  }

  @Test
  void refusesTimestepsThatAreNoNumbers() {
    NDArray x = manager.ones(new Shape(1, 1, 8, 8));

    assertThatIllegalArgumentException()
        .isThrownBy(() -> model(CONV).forward(x, manager.create(new String[] {"7"}), null))
        .withMessage(
            "Expected timesteps of shape (1), found STRING (1). Pass one timestep per image, a number.");
  }

  @ParameterizedTest
  @ValueSource(longs = {3, -1, Long.MAX_VALUE, Long.MIN_VALUE})
  void refusesAClassItDoesNotHaveOnTheCpu(long label) {
    NDManager cpu = manager.newSubManager(Device.cpu());
    UNet2DModel model = model(cpu, CONV + ", \"num_class_embeds\": 3");
    NDArray x = cpu.ones(new Shape(2, 1, 8, 8));
    NDArray t = cpu.ones(new Shape(2));
    NDArray labels = cpu.create(new long[] {0, label});
    String message =
        "Expected INT64 class labels from 0 to 2, found INT64 [%s]. Choose classes of the network.";

    assertThatIllegalArgumentException()
        .isThrownBy(() -> model.forward(x, 7, labels))
        .withMessage(message, label);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> model.forwardWithGrad(x, t, labels))
        .withMessage(message, label);
  }

  @ParameterizedTest
  @EnumSource(
      value = DataType.class,
      names = {"FLOAT32", "UINT8"})
  void refusesLabelsOfAnotherType(DataType type) {
    UNet2DModel model = model(CONV + ", \"num_class_embeds\": 3");
    NDArray x = manager.ones(new Shape(2, 1, 8, 8));

    assertThatIllegalArgumentException()
        .isThrownBy(() -> model.forward(x, 7, manager.ones(new Shape(2), type)))
        .withMessage(
            "Expected INT64 class labels from 0 to 2, found %s []. Choose classes of the network.",
            type.name());
  }

  @Test
  void acceptsLabelsOf32Bits() {
    UNet2DModel model = model(CONV + ", \"num_class_embeds\": 3");
    NDArray x = manager.ones(new Shape(2, 1, 8, 8));

    assertThat(model.forward(x, 7, manager.create(new int[] {0, 2})))
        .isEqualTo(model.forward(x, 7, manager.create(new long[] {0, 2})));
  }

  @Test
  void refusesAnythingOnceItIsClosed() {
    UNet2DModel model = model(CONV);
    model.close();

    assertThatIllegalStateException()
        .isThrownBy(() -> model.forward(manager.ones(new Shape(1, 1, 8, 8)), 7))
        .withMessage("Expected an open network, found a closed one. Create or load it again.");
  }

  @Test
  void refusesAnAbsurdNumberOfWeightsAtOnce() {
    UNet2DModelConfig config =
        UNet2DModelConfig.fromJson("{\"block_out_channels\": [64, 64, 64, 65536]}");

    assertThatIllegalArgumentException()
        .isThrownBy(() -> new UNet2DModel(manager, config, 1))
        .withMessage(
            "Expected a network of at most 10 billion weights, found at least 77309701504. Lower block_out_channels or layers_per_block.");
    assertThat(manager.getManagedArrays()).isEmpty();
  }

  @Test
  void refusesTimestepsOfAnotherNumber() {
    NDArray x = manager.ones(new Shape(2, 1, 8, 8));

    assertThatIllegalArgumentException()
        .isThrownBy(() -> model(CONV).forward(x, manager.create(new long[] {1, 2, 3}), null))
        .withMessage(
            "Expected timesteps of shape (2), found INT64 (3). Pass one timestep per image, a number.");
  }

  @Test
  void refusesLabelsWithoutClasses() {
    NDArray x = manager.ones(new Shape(1, 1, 8, 8));

    assertThatIllegalArgumentException()
        .isThrownBy(() -> model(CONV).forward(x, 7, manager.create(new long[] {1})))
        .withMessage(
            "Expected no class labels, found some. This model has no classes: set num_class_embeds to give it classes.");
  }

  @Test
  void refusesClassesWithoutLabels() {
    UNet2DModel model = model(CONV + ", \"num_class_embeds\": 3");

    assertThatIllegalArgumentException()
        .isThrownBy(() -> model.forward(manager.ones(new Shape(1, 1, 8, 8)), 7))
        .withMessage(
            "Expected class labels, found none. This model is class-conditional: pass one label per image.");
  }

  @Test
  void refusesLabelsOfAnotherNumber() {
    UNet2DModel model = model(CONV + ", \"num_class_embeds\": 3");
    NDArray x = manager.ones(new Shape(1, 1, 8, 8));

    assertThatIllegalArgumentException()
        .isThrownBy(() -> model.forward(x, 7, manager.create(new long[] {1, 2})))
        .withMessage(
            "Expected class labels of shape (1), found INT64 (2). Pass one label per image, a number.");
  }

  @Test
  void refusesAnUnknownWeightAndStaysAsItWas() {
    UNet2DModel model = model(CONV);
    Map<String, NDArray> state = zeros(model);
    state.put("conv_in.scale", manager.ones(new Shape(1)));

    refusesState(
        model,
        state,
        "Expected weights of this network, found an unknown one, \"conv_in.scale\". Use the configuration the weights were saved with.");
  }

  @Test
  void refusesAMissingWeightAndStaysAsItWas() {
    UNet2DModel model = model(CONV);
    Map<String, NDArray> state = zeros(model);
    state.remove("conv_out.bias");

    refusesState(
        model,
        state,
        "Expected a weight \"conv_out.bias\" of shape (1), found none. Use the configuration the weights were saved with.");
  }

  @Test
  void refusesAWeightOfAnotherShapeAndStaysAsItWas() {
    UNet2DModel model = model(CONV);
    Map<String, NDArray> state = zeros(model);
    state.put("conv_out.bias", manager.ones(new Shape(2)));

    refusesState(
        model,
        state,
        "Expected a weight \"conv_out.bias\" of shape (1), found (2). Use the configuration the weights were saved with.");
  }

  @Test
  void countsItsWeights() {
    UNet2DModel model = model(CONV);

    long counted = model.parameters().values().stream().mapToLong(NDArray::size).sum();

    assertThat(model.numParameters()).isEqualTo(counted).isPositive();
  }

  @Test
  void trainsEveryWeight() {
    assertThat(model(CONV).parameters().values()).allMatch(NDArray::hasGradient);
  }

  @Test
  void weightsAreFloat32() {
    assertThat(model(CONV).parameters().values())
        .allMatch(weight -> weight.getDataType() == DataType.FLOAT32);
  }

  private void refusesState(UNet2DModel model, Map<String, NDArray> state, String message) {
    float[] before = model.parameters().get("conv_in.weight").toFloatArray();

    assertThatIllegalArgumentException()
        .isThrownBy(() -> model.loadStateDict(state))
        .withMessage(message);
    assertThat(model.parameters().get("conv_in.weight").toFloatArray()).isEqualTo(before);
  }

  private Map<String, NDArray> zeros(UNet2DModel model) {
    Map<String, NDArray> zeros = new LinkedHashMap<>();
    model.parameters().forEach((name, weight) -> zeros.put(name, manager.zeros(weight.getShape())));
    return zeros;
  }

  private UNet2DModel model(String options) {
    return model(manager, options);
  }

  private static UNet2DModel model(NDManager owner, String options) {
    return new UNet2DModel(owner, UNet2DModelConfig.fromJson(TINY.formatted(options)), 0);
  }

  /** To 1e-6 of the largest value: eight units in the last place of a float32. */
  private static void assertClose(float[] actual, float[] expected) {
    double largest =
        IntStream.range(0, expected.length).mapToDouble(i -> Math.abs(expected[i])).max().orElse(0);
    assertThat(IntStream.range(0, actual.length))
        .allMatch(i -> Math.abs(actual[i] - expected[i]) < 1e-6 * largest);
  }
}
