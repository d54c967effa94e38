package emnist.diffusion.checkpoint;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import emnist.diffusion.model.UNet2DModel;
import emnist.diffusion.model.UNet2DModelConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * A network in a folder, {@code config.json} and {@code diffusion_pytorch_model.safetensors}:
 * diffusers' {@code save_pretrained} and {@code from_pretrained}.
 */
public final class PretrainedModel {

  private static final String CONFIG = "config.json";
  private static final String WEIGHTS = "diffusion_pytorch_model.safetensors";

  private PretrainedModel() {}

  /** Writes the folder, which must not hold a network yet. */
  public static void save(Path folder, UNet2DModelConfig config, Map<String, NDArray> weights)
      throws IOException {
    Files.createDirectories(folder);
    Files.writeString(folder.resolve(CONFIG), config.toJson());
    Safetensors.write(folder.resolve(WEIGHTS), weights);
  }

  /**
   * Reads the folder.
   *
   * @param manager to keep the network under; its device is the network's
   * @throws IllegalArgumentException if a file is missing or malformed, an option is not supported,
   *     or the weights are not those of the configuration
   */
  public static UNet2DModel load(NDManager manager, Path folder) throws IOException {
    Path file = folder.resolve(CONFIG);
    if (!Files.isRegularFile(file)) {
      throw new IllegalArgumentException(
          "Expected a network in %s, found no %s there. Check the path.".formatted(folder, CONFIG));
    }
    UNet2DModelConfig config = UNet2DModelConfig.fromJson(Files.readString(file));
    try (NDManager reading = manager.newSubManager()) {
      Map<String, NDArray> weights = Safetensors.read(reading, folder.resolve(WEIGHTS));
      UNet2DModel model = new UNet2DModel(manager, config, 0);
      try {
        model.loadStateDict(weights);
        return model;
      } catch (IllegalArgumentException e) {
        model.close();
        throw new IllegalArgumentException(folder + ": " + e.getMessage(), e);
      }
    }
  }
}
