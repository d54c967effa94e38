package emnist.diffusion.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowable;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import emnist.diffusion.Golden;
import emnist.diffusion.TinyModel;
import emnist.diffusion.model.UNet2DModel;
import emnist.diffusion.model.UNet2DModelConfig;
import emnist.diffusion.torch.Functional;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.IntUnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class PretrainedModelTest {

  private static final String CONFIG = "config.json";
  private static final String WEIGHTS = "diffusion_pytorch_model.safetensors";

  private final NDManager manager = NDManager.newBaseManager();

  @TempDir Path folder;

  @AfterEach
  void freeArrays() {
    manager.close();
  }

  @Test
  void aFolderWrittenByDiffusersGivesTheOutputOfDiffusers() throws Exception {
    Golden io = Golden.open("unet_i_2level.io");

    UNet2DModel model = PretrainedModel.load(manager, writtenByDiffusers());

    io.assertClose(
        "y", model.forward(io.array(manager, "x"), io.array(manager, "timesteps"), null), 2e-5);
  }

  @Test
  void theConfigurationWrittenIsThatOfDiffusers() throws Exception {
    String theirs = Files.readString(writtenByDiffusers().resolve(CONFIG));

    UNet2DModelConfig config = UNet2DModelConfig.fromJson(theirs);

    // Ours adds the options that are younger than the version that wrote theirs.
    assertThat(config.toJson().lines().map(line -> line.replaceAll(",$", "")))
        .containsAll(
            theirs
                .lines()
                .filter(line -> !line.contains("_diffusers_version"))
                // Python tells the integer 1 from 1.0.
                .map(line -> line.replaceAll(",$", "").replace("factor\": 1", "factor\": 1.0"))
                .map(line -> line.replace("1e-05", "1.0E-5"))
                .toList());
  }

  @Test
  void whatWasSavedIsLoaded() throws Exception {
    UNet2DModel saved = PretrainedModel.load(manager, writtenByDiffusers());
    PretrainedModel.save(
        folder.resolve("unet"), saved.config(), saved.parameters(), SavePrecision.FLOAT32);

    UNet2DModel loaded = PretrainedModel.load(manager, folder.resolve("unet"));

    assertThat(loaded.config()).isEqualTo(saved.config());
    assertThat(loaded.parameters().keySet()).containsExactlyElementsOf(saved.parameters().keySet());
    saved
        .parameters()
        .forEach(
            (name, weight) ->
                assertThat(loaded.parameters().get(name).toFloatArray())
                    .as(name)
                    .isEqualTo(weight.toFloatArray()));
  }

  @ParameterizedTest
  @EnumSource(SavePrecision.class)
  void theSameNetworkGivesTheSameBytes(SavePrecision precision) throws Exception {
    UNet2DModel model = PretrainedModel.load(manager, writtenByDiffusers());

    PretrainedModel.save(folder.resolve("a"), model.config(), model.parameters(), precision);
    PretrainedModel.save(folder.resolve("b"), model.config(), model.parameters(), precision);

    for (String file : new String[] {CONFIG, WEIGHTS}) {
      assertThat(folder.resolve("b").resolve(file))
          .hasSameBinaryContentAs(folder.resolve("a").resolve(file));
    }
  }

  @Test
  void savedInFloat16ItGivesTheOutputOfTheRoundedWeights() throws Exception {
    UNet2DModel model = PretrainedModel.load(manager, writtenByDiffusers());
    PretrainedModel.save(folder, model.config(), model.parameters(), SavePrecision.FLOAT16);

    UNet2DModel loaded = PretrainedModel.load(manager, folder);

    model
        .parameters()
        .values()
        .forEach(w -> Functional.copyInPlace(w, w.toType(DataType.FLOAT16, true)));
    assertSameOutput(loaded, model);
    assertThat(folder.resolve(CONFIG)).hasContent(model.config().toJson());
    assertThat(Files.size(folder.resolve(WEIGHTS)))
        .isLessThan(Files.size(writtenByDiffusers().resolve(WEIGHTS)));
  }

  @Test
  void bfloat16GivesTheOutputOfTheRoundedWeights() throws Exception {
    UNet2DModel model = PretrainedModel.load(manager, writtenByDiffusers());
    Map<String, RawArray> weights = new LinkedHashMap<>();
    model.parameters().forEach((name, weight) -> weights.put(name, upperHalves(weight)));
    Files.writeString(folder.resolve(CONFIG), model.config().toJson());
    RawArray.write(folder.resolve("diffusion_pytorch_model.bf16.safetensors"), weights);

    UNet2DModel loaded = PretrainedModel.load(manager, folder);

    round(model, bits -> bits & 0xffff0000);
    assertSameOutput(loaded, model);
  }

  @Test
  void opensShards() throws Exception {
    UNet2DModel model = PretrainedModel.load(manager, writtenByDiffusers());
    Files.writeString(folder.resolve(CONFIG), model.config().toJson());
    ShardedFolder.write(folder, "diffusion_pytorch_model", model.parameters(), 3);

    assertSameOutput(PretrainedModel.load(manager, folder), model);
  }

  @Test
  void opensTheNamesThatAttentionOnceHad() throws Exception {
    UNet2DModel model = PretrainedModel.load(manager, writtenByDiffusers());
    Map<String, NDArray> weights = new LinkedHashMap<>();
    model
        .parameters()
        .forEach(
            (name, weight) ->
                weights.put(
                    name.replace(".to_q.", ".query.")
                        .replace(".to_k.", ".key.")
                        .replace(".to_v.", ".value.")
                        .replace(".to_out.0.", ".proj_attn."),
                    weight));
    assertThat(weights.keySet()).isNotEqualTo(model.parameters().keySet());
    PretrainedModel.save(folder, model.config(), weights, SavePrecision.FLOAT32);

    assertSameOutput(PretrainedModel.load(manager, folder), model);
  }

  @Test
  void refusesToSaveWhatFloat16CannotHoldAndWritesNoFile() {
    UNet2DModel model = TinyModel.create(manager, 1);
    Map<String, NDArray> weights = Map.of("conv_in.bias", manager.create(new float[] {1e5f}));

    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> PretrainedModel.save(folder, model.config(), weights, SavePrecision.FLOAT16))
        .withMessage(
            "Expected \"conv_in.bias\" within float16's range of -65504 to 65504, found 100000.0."
                + " Save as float32.");
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void refusesAWeightThatIsMissing() throws Exception {
    UNet2DModel model = PretrainedModel.load(manager, writtenByDiffusers());
    Map<String, NDArray> weights = new LinkedHashMap<>(model.parameters());
    NDArray missing = weights.remove("conv_out.bias");
    PretrainedModel.save(folder, model.config(), weights, SavePrecision.FLOAT32);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> PretrainedModel.load(manager, folder))
        .withMessage(
            "%s: Expected a weight \"conv_out.bias\" of shape %s, found none."
                + " Use the configuration the weights were saved with.",
            folder, missing.getShape());
  }

  @Test
  void refusesAWeightThatIsUnknown() throws Exception {
    UNet2DModel model = PretrainedModel.load(manager, writtenByDiffusers());
    Map<String, NDArray> weights = new LinkedHashMap<>(model.parameters());
    weights.put("conv_out.scale", manager.create(1f));
    PretrainedModel.save(folder, model.config(), weights, SavePrecision.FLOAT32);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> PretrainedModel.load(manager, folder))
        .withMessage(
            "%s: Expected weights of this network, found an unknown one, \"conv_out.scale\"."
                + " Use the configuration the weights were saved with.",
            folder);
  }

  @Test
  void loadingLeavesNothingBehindButTheNetwork() throws Exception {
    UNet2DModelConfig config = PretrainedModel.load(manager, writtenByDiffusers()).config();
    int arrays = manager.getManagedArrays().size();

    try (NDManager other = NDManager.newBaseManager();
        UNet2DModel created = new UNet2DModel(other, config, 0)) {
      assertThat(arrays).isEqualTo(created.manager().getManagedArrays().size());
    }
  }

  @Test
  void refusesAFolderWithoutANetwork() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PretrainedModel.load(manager, folder))
        .withMessage(
            "Expected a network in %s, found no config.json there. Check the path.", folder);
  }

  @Test
  void refusesAConfigurationThatIsNoUtf8() throws IOException {
    Path config = Files.write(folder.resolve("config.json"), new byte[] {'{', (byte) 0xff, '}'});

    assertThatIllegalArgumentException()
        .isThrownBy(() -> PretrainedModel.load(manager, folder))
        .withMessage(
            "Expected the options of a network in %s, found bytes that are not UTF-8."
                + " Copy or download the folder again.",
            config);
  }

  @Test
  void refusesAConfigurationWithoutWeights() throws Exception {
    Files.copy(writtenByDiffusers().resolve(CONFIG), folder.resolve(CONFIG));

    assertThatIllegalArgumentException()
        .isThrownBy(() -> PretrainedModel.load(manager, folder))
        .withMessage(
            "Expected a safetensors file at %s, found none. Check the path.",
            folder.resolve(WEIGHTS));
  }

  @Test
  void refusesTheWeightsOfAnotherConfigurationAndNamesTheFolder() throws Exception {
    UNet2DModel model = PretrainedModel.load(manager, writtenByDiffusers());
    Map<String, NDArray> weights = Map.of("conv_in.weight", model.parameters().get("conv_in.bias"));
    PretrainedModel.save(folder, model.config(), weights, SavePrecision.FLOAT32);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> PretrainedModel.load(manager, folder))
        .withMessage(
            "%s: Expected a weight \"conv_in.weight\" of shape (8, 1, 3, 3), found (8)."
                + " Use the configuration the weights were saved with.",
            folder);
  }

  @Test
  void neverOverwritesANetwork() throws Exception {
    UNet2DModel model = PretrainedModel.load(manager, writtenByDiffusers());
    PretrainedModel.save(folder, model.config(), model.parameters(), SavePrecision.FLOAT32);
    byte[] config = Files.readAllBytes(folder.resolve(CONFIG));
    byte[] weights = Files.readAllBytes(folder.resolve(WEIGHTS));
    UNet2DModel other = TinyModel.create(manager, 1);

    assertThat(
            catchThrowable(
                () ->
                    PretrainedModel.save(
                        folder, other.config(), other.parameters(), SavePrecision.FLOAT32)))
        .isInstanceOf(IOException.class);
    assertThat(folder.resolve(CONFIG)).hasBinaryContent(config);
    assertThat(folder.resolve(WEIGHTS)).hasBinaryContent(weights);
  }

  /** Changes every weight by its bits. */
  private static void round(UNet2DModel model, IntUnaryOperator rounding) {
    model
        .parameters()
        .values()
        .forEach(
            weight -> {
              float[] values = weight.toFloatArray();
              for (int i = 0; i < values.length; i++) {
                int bits = rounding.applyAsInt(Float.floatToRawIntBits(values[i]));
                values[i] = Float.intBitsToFloat(bits);
              }
              try (NDArray rounded = weight.getManager().create(values, weight.getShape())) {
                Functional.copyInPlace(weight, rounded);
              }
            });
  }

  private static RawArray upperHalves(NDArray weight) {
    float[] values = weight.toFloatArray();
    ByteBuffer data = ByteBuffer.allocate(values.length * Short.BYTES);
    data.order(ByteOrder.LITTLE_ENDIAN);
    for (float value : values) {
      data.putShort((short) (Float.floatToRawIntBits(value) >>> 16));
    }
    return new RawArray("BF16", weight.getShape().getShape(), data.array());
  }

  private void assertSameOutput(UNet2DModel actual, UNet2DModel expected) {
    Golden io = Golden.open("unet_i_2level.io");
    NDArray x = io.array(manager, "x");
    NDArray timesteps = io.array(manager, "timesteps");
    assertThat(actual.forward(x, timesteps, null).toFloatArray())
        .isEqualTo(expected.forward(x, timesteps, null).toFloatArray());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "block_out_channels | [8, 20000]",
        "time_embedding_dim | 65536",
      })
  void aNetworkFarLargerThanItsWeightsTakesNoMemory(String option, String absurd) throws Exception {
    UNet2DModel model = PretrainedModel.load(manager, writtenByDiffusers());
    PretrainedModel.save(folder, model.config(), model.parameters(), SavePrecision.FLOAT32);
    String config = Files.readString(folder.resolve(CONFIG));
    String value = "\"" + option + "\": ";
    Files.writeString(
        folder.resolve(CONFIG), config.replaceFirst(value + "(\\[[^]]*]|[^,]+)", value + absurd));

    assertThatIllegalArgumentException()
        .isThrownBy(() -> PretrainedModel.load(manager, folder))
        .withMessageMatching(
            "Expected at least \\d+ bytes of weights in \\Q%s\\E for this configuration, found \\d+\\. .*"
                .formatted(folder));
  }

  @Test
  void namesTheFileOfAnOptionThatItRefuses() throws Exception {
    Path config = Files.writeString(folder.resolve(CONFIG), "{\"layers_per_block\": 10000}");

    assertThatIllegalArgumentException()
        .isThrownBy(() -> PretrainedModel.load(manager, folder))
        .withMessage(
            "Expected layers_per_block from 1 to 100, found 10000. Change that option. (in %s)",
            config);
  }

  private static Path writtenByDiffusers() throws URISyntaxException {
    return Path.of(
        PretrainedModelTest.class.getResource("/golden/unet_i_2level_pretrained").toURI());
  }
}
