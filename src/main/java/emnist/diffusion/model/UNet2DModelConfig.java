package emnist.diffusion.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import emnist.diffusion.config.JsonConfig;
import emnist.diffusion.torch.Activation;
import java.util.Arrays;
import java.util.List;

/**
 * The configuration of a {@link UNet2DModel}, option for option that of diffusers. Sizes and
 * numbers of channels are at most 65,536, which stops a mistyped file before memory runs out.
 *
 * @param sampleSize height and width the model is meant for; any other works too; may be null. A
 *     file may also have a pair of equal sides
 * @param centerInputSample whether inputs in {@code [0, 1]} are mapped to {@code [-1, 1]}
 * @param timeEmbeddingType {@code "positional"} or {@code "fourier"}
 * @param timeEmbeddingDim its length; null for four times the channels of the first block
 * @param freqShift subtracted from the number of frequencies of the positional embedding, half the
 *     channels of the first block; -1000 or more, and below that number
 * @param flipSinToCos whether the cosines come first
 * @param downBlockTypes {@code [Attn]DownBlock2D} or {@code ResnetDownsampleBlock2D} per level
 * @param upBlockTypes {@code [Attn]UpBlock2D} or {@code ResnetUpsampleBlock2D} per level, the
 *     smallest image first
 * @param blockOutChannels channels per level, of 1 to 16 levels
 * @param layersPerBlock residual blocks per level on the way down, 1 to 100; one more on the way up
 * @param midBlockScaleFactor the middle block's outputs are divided by it; 1e-6 to 1e6
 * @param downsamplePadding padding of the halving convolution; 0 pads right and bottom instead
 * @param downsampleType {@code "conv"} or {@code "resnet"}, in {@code AttnDownBlock2D}
 * @param upsampleType {@code "conv"} or {@code "resnet"}, in {@code AttnUpBlock2D}
 * @param dropout probability of zeroing an activation during training, 0 to 0.99
 * @param actFn {@code "silu"}, {@code "swish"}, {@code "mish"}, {@code "gelu"} or {@code "relu"}
 * @param attentionHeadDim channels of an attention head; null for one head
 * @param normNumGroups groups of the group normalisations
 * @param attnNormNumGroups groups of the norm in the middle attention; null for the same, or for no
 *     norm with {@code scale_shift}
 * @param normEps added to the variance in the normalisations, 1e-30 to 1
 * @param resnetTimeScaleShift {@code "default"} or {@code "scale_shift"}
 * @param addAttention whether the middle block has attention
 * @param classEmbedType null for a learned table, or {@code "timestep"}
 * @param numClassEmbeds number of classes, at most 1,000,000; null for none
 * @param numTrainTimesteps unused by the supported time embeddings; kept for the file
 */
public record UNet2DModelConfig(
    Integer sampleSize,
    int inChannels,
    int outChannels,
    boolean centerInputSample,
    String timeEmbeddingType,
    Integer timeEmbeddingDim,
    int freqShift,
    boolean flipSinToCos,
    List<String> downBlockTypes,
    String midBlockType,
    List<String> upBlockTypes,
    List<Integer> blockOutChannels,
    int layersPerBlock,
    double midBlockScaleFactor,
    int downsamplePadding,
    String downsampleType,
    String upsampleType,
    double dropout,
    String actFn,
    Integer attentionHeadDim,
    int normNumGroups,
    Integer attnNormNumGroups,
    double normEps,
    String resnetTimeScaleShift,
    boolean addAttention,
    String classEmbedType,
    Integer numClassEmbeds,
    Integer numTrainTimesteps) {

  private static final int MAX_WIDTH = 65_536;

  private static final JsonConfig<UNet2DModelConfig> JSON =
      new JsonConfig<>(
          "UNet2DModel",
          UNet2DModelConfig.class,
          """
              {
                "sample_size": null, "in_channels": 3, "out_channels": 3,
                "center_input_sample": false,
                "time_embedding_type": "positional", "time_embedding_dim": null,
                "freq_shift": 0, "flip_sin_to_cos": true,
                "down_block_types": [
                  "DownBlock2D", "AttnDownBlock2D", "AttnDownBlock2D", "AttnDownBlock2D"
                ],
                "mid_block_type": "UNetMidBlock2D",
                "up_block_types": [
                  "AttnUpBlock2D", "AttnUpBlock2D", "AttnUpBlock2D", "UpBlock2D"
                ],
                "block_out_channels": [224, 448, 672, 896], "layers_per_block": 2,
                "mid_block_scale_factor": 1, "add_attention": true,
                "downsample_padding": 1, "downsample_type": "conv", "upsample_type": "conv",
                "dropout": 0, "act_fn": "silu", "attention_head_dim": 8,
                "norm_num_groups": 32, "attn_norm_num_groups": null, "norm_eps": 1e-5,
                "resnet_time_scale_shift": "default",
                "class_embed_type": null, "num_class_embeds": null, "num_train_timesteps": null
              }
              """,
          "{}",
          UNet2DModelConfig::squareSize);

  public UNet2DModelConfig {
    downBlockTypes = List.copyOf(downBlockTypes);
    upBlockTypes = List.copyOf(upBlockTypes);
    blockOutChannels = List.copyOf(blockOutChannels);
    JsonConfig.within("sample_size", sampleSize, 1, MAX_WIDTH);
    JsonConfig.within("in_channels", inChannels, 1, MAX_WIDTH);
    JsonConfig.within("out_channels", outChannels, 1, MAX_WIDTH);
    JsonConfig.within("time_embedding_dim", timeEmbeddingDim, 1, MAX_WIDTH);
    JsonConfig.within("layers_per_block", layersPerBlock, 1, 100);
    JsonConfig.within("norm_num_groups", normNumGroups, 1, MAX_WIDTH);
    JsonConfig.within("attn_norm_num_groups", attnNormNumGroups, 1, MAX_WIDTH);
    JsonConfig.within("attention_head_dim", attentionHeadDim, 1, MAX_WIDTH);
    JsonConfig.within("num_class_embeds", numClassEmbeds, 1, 1_000_000);
    JsonConfig.within("num_train_timesteps", numTrainTimesteps, 1, 1_000_000);
    JsonConfig.within("dropout", dropout, 0, 0.99);
    JsonConfig.within("norm_eps", normEps, 1e-30, 1);
    JsonConfig.within("mid_block_scale_factor", midBlockScaleFactor, 1e-6, 1e6);
    JsonConfig.within("the number of block_out_channels", blockOutChannels.size(), 1, 16);
    blockOutChannels.forEach(c -> JsonConfig.within("block_out_channels", c, 1, MAX_WIDTH));
    JsonConfig.within("freq_shift", freqShift, -1000, Math.max(blockOutChannels.get(0) / 2 - 1, 0));
    oneOf("time_embedding_type", timeEmbeddingType, "positional", "fourier");
    oneOf("mid_block_type", midBlockType, "UNetMidBlock2D");
    oneOf("downsample_padding", downsamplePadding, 0, 1);
    oneOf("downsample_type", downsampleType, "conv", "resnet");
    oneOf("upsample_type", upsampleType, "conv", "resnet");
    oneOf("resnet_time_scale_shift", resnetTimeScaleShift, "default", "scale_shift");
    oneOf("class_embed_type", classEmbedType, null, "timestep");
    for (String type : downBlockTypes) {
      oneOf("down_block_types", type, "DownBlock2D", "AttnDownBlock2D", "ResnetDownsampleBlock2D");
    }
    for (String type : upBlockTypes) {
      oneOf("up_block_types", type, "UpBlock2D", "AttnUpBlock2D", "ResnetUpsampleBlock2D");
    }
    Activation.of(actFn);
    int levels = blockOutChannels.size();
    if (downBlockTypes.size() != levels || upBlockTypes.size() != levels) {
      throw new IllegalArgumentException(
          "Expected down_block_types, up_block_types and block_out_channels of one length, found %s, %s and %s. Give one entry per level."
              .formatted(downBlockTypes.size(), upBlockTypes.size(), levels));
    }
    for (int i = 0; i < levels; i++) {
      int channels = blockOutChannels.get(i);
      boolean middle = i == levels - 1 && addAttention;
      divides("norm_num_groups", normNumGroups, channels);
      if (middle && attnNormNumGroups != null) {
        divides("attn_norm_num_groups", attnNormNumGroups, channels);
      }
      boolean attention =
          middle
              || downBlockTypes.get(i).startsWith("Attn")
              || upBlockTypes.get(levels - 1 - i).startsWith("Attn");
      if (attention) {
        JsonConfig.within("attention_head_dim", attentionHeadDim, 1, channels);
      }
    }
  }

  /**
   * Reads the text of a {@code config.json}, or just the options that differ from the defaults.
   *
   * @throws IllegalArgumentException if an option is unknown, unsupported or of the wrong type
   */
  public static UNet2DModelConfig fromJson(String json) {
    return JSON.fromJson(json);
  }

  /** Reads the other form that diffusers allows: a pair of sides, which must be equal here. */
  private static List<String> squareSize(ObjectNode given) {
    JsonNode sides = given.path("sample_size");
    if (sides.isArray()) {
      if (sides.size() != 2 || !sides.get(0).equals(sides.get(1))) {
        throw new IllegalArgumentException(
            "Expected sample_size as one side or two equal ones, found %s. Choose a square size: only those are generated."
                .formatted(sides));
      }
      given.set("sample_size", sides.get(0));
    }
    return List.of();
  }

  /** The same network for another number of classes. */
  public UNet2DModelConfig withNumClassEmbeds(int classes) {
    return JSON.with(this, "{\"num_class_embeds\": %s}".formatted(classes));
  }

  /** Whether the network is told the class of each image. */
  public boolean isClassConditional() {
    return numClassEmbeds != null;
  }

  /** The text of a {@code config.json}, as diffusers writes it: every option, sorted by name. */
  public String toJson() {
    return JSON.toJson(this);
  }

  /**
   * A lower bound of the number of weights, known before there is a network: those of the first and
   * last convolution, of one in each residual block on the way down, and of the embeddings.
   */
  public double minNumParameters() {
    double weights = 9 * (inChannels + (double) outChannels) * blockOutChannels.get(0);
    for (double channels : blockOutChannels) {
      weights += layersPerBlock * 9 * channels * channels;
    }
    boolean table = numClassEmbeds != null && classEmbedType == null;
    return weights + (timeEmbedDim() + (table ? (double) numClassEmbeds : 0)) * timeEmbedDim();
  }

  /** Length of the time embedding. */
  int timeEmbedDim() {
    return timeEmbeddingDim != null ? timeEmbeddingDim : 4 * blockOutChannels.get(0);
  }

  boolean scaleShift() {
    return resnetTimeScaleShift.equals("scale_shift");
  }

  boolean isFourier() {
    return timeEmbeddingType.equals("fourier");
  }

  /** Whether a level of {@code type} changes its size by a residual block, not a convolution. */
  boolean resamplesByResnet(String type, String attentionSampler) {
    return type.startsWith("Resnet")
        || type.startsWith("Attn") && attentionSampler.equals("resnet");
  }

  /** Channels of an attention head in a block of {@code channels}. */
  public int headDim(int channels) {
    return attentionHeadDim != null ? attentionHeadDim : channels;
  }

  /** Groups of the norm in the middle attention, 0 for no norm. */
  int midAttentionGroups() {
    int groups = scaleShift() ? 0 : normNumGroups;
    return attnNormNumGroups != null ? attnNormNumGroups : groups;
  }

  private static void divides(String option, int groups, int channels) {
    if (channels % groups != 0) {
      throw new IllegalArgumentException(
          "Expected %s to divide a block's %s channels, found %s. Choose a divisor."
              .formatted(option, channels, groups));
    }
  }

  private static void oneOf(String option, Object value, Object... supported) {
    if (!Arrays.asList(supported).contains(value)) {
      throw new IllegalArgumentException(
          "Expected %s to be one of %s, found %s. The others of diffusers are not supported."
              .formatted(option, Arrays.toString(supported), value));
    }
  }
}
