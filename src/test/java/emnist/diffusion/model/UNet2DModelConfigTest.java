package emnist.diffusion.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.databind.node.ObjectNode;
import emnist.diffusion.config.Json;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class UNet2DModelConfigTest {

  /** Signature of {@code UNet2DModel.__init__} in diffusers. */
  private static final String DIFFUSERS_DEFAULTS =
      """
      {
        "sample_size": null,
        "in_channels": 3,
        "out_channels": 3,
        "center_input_sample": false,
        "time_embedding_type": "positional",
        "time_embedding_dim": null,
        "freq_shift": 0,
        "flip_sin_to_cos": true,
        "down_block_types": ["DownBlock2D", "AttnDownBlock2D", "AttnDownBlock2D", "AttnDownBlock2D"],
        "mid_block_type": "UNetMidBlock2D",
        "up_block_types": ["AttnUpBlock2D", "AttnUpBlock2D", "AttnUpBlock2D", "UpBlock2D"],
        "block_out_channels": [224, 448, 672, 896],
        "layers_per_block": 2,
        "mid_block_scale_factor": 1.0,
        "downsample_padding": 1,
        "downsample_type": "conv",
        "upsample_type": "conv",
        "dropout": 0.0,
        "act_fn": "silu",
        "attention_head_dim": 8,
        "norm_num_groups": 32,
        "attn_norm_num_groups": null,
        "norm_eps": 1.0E-5,
        "resnet_time_scale_shift": "default",
        "add_attention": true,
        "class_embed_type": null,
        "num_class_embeds": null,
        "num_train_timesteps": null
      }
      """;

  @Test
  void anOptionThatIsLeftOutHasTheDefaultOfDiffusers() {
    ObjectNode found = Json.object(Json.parse(UNet2DModelConfig.fromJson("{}").toJson()));
    found.remove("_class_name");
    found.remove("_diffusers_version");

    assertThat(found).isEqualTo(Json.parse(DIFFUSERS_DEFAULTS));
  }

  @Test
  void readsWhatItWrote() {
    UNet2DModelConfig config =
        UNet2DModelConfig.fromJson(
            """
            {"sample_size": 28, "in_channels": 1, "out_channels": 2, "block_out_channels": [8, 16],
             "down_block_types": ["DownBlock2D", "AttnDownBlock2D"], "norm_num_groups": 4,
             "up_block_types": ["AttnUpBlock2D", "UpBlock2D"], "attention_head_dim": null,
             "dropout": 0.1, "num_class_embeds": 26, "add_attention": false, "norm_eps": 1e-6}
            """);

    assertThat(UNet2DModelConfig.fromJson(config.toJson())).isEqualTo(config);
    assertThat(config.dropout()).isEqualTo(0.1);
    assertThat(config.attentionHeadDim()).isNull();
  }

  @Test
  void writesTheOptionsSortedBehindTheClassAsDiffusersDoes() {
    List<String> names = Json.names(Json.parse(UNet2DModelConfig.fromJson("{}").toJson()));

    assertThat(names).startsWith("_class_name", "_diffusers_version", "act_fn").isSorted();
  }

  @Test
  void ignoresWhatIsAboutTheFile() {
    assertThat(UNet2DModelConfig.fromJson("{\"_name_or_path\": \"google/ddpm\"}"))
        .isEqualTo(UNet2DModelConfig.fromJson("{}"));
  }

  @Test
  void opensWhatTheEmaModelOfDiffusersSaved() {
    assertThat(
            UNet2DModelConfig.fromJson(
                """
                {"_class_name": "UNet2DModel", "decay": 0.9999, "min_decay": 0.0, "optimization_step": 400, "inv_gamma": 1.0,
                 "update_after_step": 0, "use_ema_warmup": true, "power": 0.75}
                """))
        .isEqualTo(UNet2DModelConfig.fromJson("{}"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "in_channels | 0 | Expected in_channels from 1 to 65536, found 0. Change that option.",
        "in_channels | 2147483647 | Expected in_channels from 1 to 65536, found 2147483647. Change that option.",
        "out_channels | -1 | Expected out_channels from 1 to 65536, found -1. Change that option.",
        "layers_per_block | 0 | Expected layers_per_block from 1 to 100, found 0. Change that option.",
        "layers_per_block | 10000 | Expected layers_per_block from 1 to 100, found 10000. Change that option.",
        "norm_num_groups | 0 | Expected norm_num_groups from 1 to 65536, found 0. Change that option.",
        "sample_size | 0 | Expected sample_size from 1 to 65536, found 0. Change that option.",
        "sample_size | 2000000000 | Expected sample_size from 1 to 65536, found 2000000000. Change that option.",
        "time_embedding_dim | 0 | Expected time_embedding_dim from 1 to 65536, found 0. Change that option.",
        "time_embedding_dim | 65537 | Expected time_embedding_dim from 1 to 65536, found 65537. Change that option.",
        "attention_head_dim | 0 | Expected attention_head_dim from 1 to 65536, found 0. Change that option.",
        "attn_norm_num_groups | 0 | Expected attn_norm_num_groups from 1 to 65536, found 0. Change that option.",
        "num_class_embeds | 0 | Expected num_class_embeds from 1 to 1000000, found 0. Change that option.",
        "num_class_embeds | 2147483647 | Expected num_class_embeds from 1 to 1000000, found 2147483647. Change that option.",
        "num_train_timesteps | 2000000000 | Expected num_train_timesteps from 1 to 1000000, found 2000000000. Change that option.",
        "block_out_channels | [8, 0, 8, 8] | Expected block_out_channels from 1 to 65536, found 0. Change that option.",
        "block_out_channels | [8, 8, 8, 1000000000] | Expected block_out_channels from 1 to 65536, found 1000000000. Change that option.",
        "freq_shift | 112 | Expected freq_shift from -1000 to 111, found 112. Change that option.",
        "freq_shift | -2147483648 | Expected freq_shift from -1000 to 111, found -2147483648. Change that option.",
        "dropout | 1 | Expected dropout from 0 to 0.99, found 1.0. Change that option.",
        "dropout | -0.1 | Expected dropout from 0 to 0.99, found -0.1. Change that option.",
        "norm_eps | 0 | Expected norm_eps from 1.0E-30 to 1, found 0.0. Change that option.",
        "norm_eps | Infinity | Expected norm_eps from 1.0E-30 to 1, found Infinity. Change that option.",
        "mid_block_scale_factor | -1 | Expected mid_block_scale_factor from 1.0E-6 to 1000000.0, found -1.0. Change that option.",
        "mid_block_scale_factor | Infinity | Expected mid_block_scale_factor from 1.0E-6 to 1000000.0, found Infinity. Change that option.",
      })
  void refusesANumberOutOfRange(String option, String value, String message) {
    refuses(option, value, message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "time_embedding_type | \"learned\" | [positional, fourier] | learned",
        "mid_block_type | \"UNetMidBlock2DCrossAttn\" | [UNetMidBlock2D] | UNetMidBlock2DCrossAttn",
        "downsample_padding | 2 | [0, 1] | 2",
        "downsample_type | \"pool\" | [conv, resnet] | pool",
        "upsample_type | \"pool\" | [conv, resnet] | pool",
        "resnet_time_scale_shift | \"spatial\" | [default, scale_shift] | spatial",
        "class_embed_type | \"identity\" | [null, timestep] | identity",
        "down_block_types | [\"SkipDownBlock2D\"] | [DownBlock2D, AttnDownBlock2D, ResnetDownsampleBlock2D] | SkipDownBlock2D",
        "up_block_types | [\"SkipUpBlock2D\"] | [UpBlock2D, AttnUpBlock2D, ResnetUpsampleBlock2D] | SkipUpBlock2D",
      })
  void refusesAChoiceItDoesNotSupport(String option, String value, String supported, String found) {
    refuses(
        option,
        value,
        "Expected %s to be one of %s, found %s. The others of diffusers are not supported."
            .formatted(option, supported, found));
  }

  @Test
  void takesAPairOfEqualSides() {
    assertThat(read("sample_size", "[28, 28]").sampleSize()).isEqualTo(28);
    assertThat(read("sample_size", "28")).isEqualTo(read("sample_size", "[28, 28]"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"[28,32]", "[28]", "[]", "[28,28,28]"})
  void refusesSidesThatAreNoSquare(String sides) {
    refuses(
        "sample_size",
        sides,
        "Expected sample_size as one side or two equal ones, found %s. Choose a square size: only those are generated."
            .formatted(sides));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 17, 100_000})
  void refusesAnAbsurdNumberOfLevels(int levels) {
    refuses(
        "block_out_channels",
        Collections.nCopies(levels, 8).toString(),
        "Expected the number of block_out_channels from 1 to 16, found %s. Change that option."
            .formatted(levels));
  }

  @Test
  void aNumberTooLargeForADoubleIsRefusedByName() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> read("norm_eps", "1e309"))
        .withMessageContaining("(the number 1e309 at /norm_eps, which is beyond ");
  }

  @Test
  void refusesAnActivationItDoesNotKnow() {
    refuses(
        "act_fn",
        "\"tanh\"",
        "Expected act_fn to be one of silu, swish, mish, gelu, relu, found \"tanh\". Choose one of these.");
  }

  @ParameterizedTest
  @ValueSource(strings = {"[8]", "[8, 8, 8, 8, 8]"})
  void refusesListsOfDifferentLengths(String channels) {
    int count = Json.parse(channels).size();

    refuses(
        "block_out_channels",
        channels,
        "Expected down_block_types, up_block_types and block_out_channels of one length, found 4, 4 and %s. Give one entry per level."
            .formatted(count));
  }

  @Test
  void refusesGroupsThatDoNotDivideABlock() {
    refuses(
        "block_out_channels",
        "[32, 48, 64, 64]",
        "Expected norm_num_groups to divide a block's 48 channels, found 32. Choose a divisor.");
  }

  @Test
  void refusesMidBlockGroupsThatDoNotDivideItsChannels() {
    refuses(
        "attn_norm_num_groups",
        "5",
        "Expected attn_norm_num_groups to divide a block's 896 channels, found 5. Choose a divisor.");
  }

  @Test
  void refusesAHeadWiderThanABlockWithAttention() {
    refuses(
        "attention_head_dim",
        "449",
        "Expected attention_head_dim from 1 to 448, found 449. Change that option.");
  }

  @Test
  void takesAHeadWiderThanABlockWithoutAttention() {
    assertThat(UNet2DModelConfig.fromJson("{\"attention_head_dim\": 300}").attentionHeadDim())
        .isEqualTo(300);
  }

  @Test
  void refusesAnUnknownOptionAndListsTheKnownOnes() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> UNet2DModelConfig.fromJson("{\"cross_attention_dim\": 8}"))
        .withMessageStartingWith(
            "Expected options of UNet2DModel, found \"cross_attention_dim\". Remove it; the supported ones are sample_size, in_channels,");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"in_channels", "dropout", "act_fn", "add_attention", "block_out_channels"})
  void refusesNullWhereDiffusersHasNone(String option) {
    refuses(
        option,
        "null",
        "Expected a value for %s, found null. Leave it out to use the default.".formatted(option));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "layers_per_block | 2.5 | an integer from -2147483648 to 2147483647",
        "layers_per_block | \"two\" | an integer from -2147483648 to 2147483647",
        "layers_per_block | 3000000000 | an integer from -2147483648 to 2147483647",
        "sample_size | \"28\" | an integer from -2147483648 to 2147483647",
        "block_out_channels | [2147483648, 8, 8, 8] | a list of integers from -2147483648 to 2147483647",
        "add_attention | \"yes\" | true or false",
        "add_attention | 1 | true or false",
        "flip_sin_to_cos | [] | true or false",
        "dropout | \"none\" | a number",
        "dropout | true | a number",
        "act_fn | {} | a string",
        "block_out_channels | 8 | a list of integers from -2147483648 to 2147483647",
        "block_out_channels | [8, null, 8, 8] | a list of integers from -2147483648 to 2147483647",
        "block_out_channels | [\"a\", 8, 8, 8] | a list of integers from -2147483648 to 2147483647",
        "down_block_types | \"DownBlock2D\" | a list of strings",
        "down_block_types | [null, null, null, null] | a list of strings",
      })
  void refusesAValueOfTheWrongTypeByTheOptionsName(String option, String value, String kind) {
    refuses(
        option,
        value,
        "Expected %s as %s, found %s. Change that option."
            .formatted(option, kind, Json.parse(value)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "[]", "null", "not JSON", "{\"act_fn\":"})
  void refusesATextThatIsNotAJsonObject(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> UNet2DModelConfig.fromJson(text))
        .withMessageStartingWith(
            "Expected a JSON object with options of UNet2DModel, found text that is none (")
        .withMessageEndingWith("). Check the file.");
  }

  private static void refuses(String option, String value, String message) {
    assertThatIllegalArgumentException().isThrownBy(() -> read(option, value)).withMessage(message);
  }

  private static UNet2DModelConfig read(String option, String value) {
    return UNet2DModelConfig.fromJson("{\"%s\": %s}".formatted(option, value));
  }
}
