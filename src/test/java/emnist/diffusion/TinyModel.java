package emnist.diffusion;

import ai.djl.ndarray.NDManager;
import com.fasterxml.jackson.databind.node.ObjectNode;
import emnist.diffusion.config.Json;
import emnist.diffusion.model.UNet2DModel;
import emnist.diffusion.model.UNet2DModelConfig;

/** The smallest network with every kind of layer, for 8x8 images. */
public final class TinyModel {

  private static final String OPTIONS =
      """
      "sample_size": 8, "in_channels": 1, "out_channels": 1, "block_out_channels": [4, 8],
      "layers_per_block": 1, "norm_num_groups": 2, "attention_head_dim": 4,
      "down_block_types": ["DownBlock2D", "AttnDownBlock2D"],
      "up_block_types": ["AttnUpBlock2D", "UpBlock2D"]
      """;

  private TinyModel() {}

  /** A new one. */
  public static UNet2DModel create(NDManager manager, long seed) {
    return create(manager, seed, "");
  }

  /** A new one with more options, or other ones, such as {@code , "num_class_embeds": 2}. */
  public static UNet2DModel create(NDManager manager, long seed, String moreOptions) {
    ObjectNode options = Json.object(Json.parse("{" + OPTIONS + "}"));
    options.setAll(Json.object(Json.parse("{" + moreOptions.replaceFirst("^,", "") + "}")));
    return new UNet2DModel(manager, UNet2DModelConfig.fromJson(options.toString()), seed);
  }
}
