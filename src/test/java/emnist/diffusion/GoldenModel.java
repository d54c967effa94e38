package emnist.diffusion;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import emnist.diffusion.model.UNet2DModel;
import emnist.diffusion.model.UNet2DModelConfig;
import emnist.diffusion.torch.Gradients;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The small networks of the reference files. */
public final class GoldenModel {

  private GoldenModel() {}

  /** The configuration a file of outputs was made with. */
  public static UNet2DModelConfig config(Golden io) {
    return UNet2DModelConfig.fromJson(io.metadata().get("config"));
  }

  /** The network {@code unet_<name>} with its stored weights. */
  public static UNet2DModel open(NDManager manager, String name) {
    return open(
        manager, Golden.open("unet_" + name + ".io"), Golden.open("unet_" + name + ".weights"));
  }

  /** The gradient of every trainable weight by its name, owned by {@code manager}. */
  public static Map<String, NDArray> gradients(UNet2DModel model, NDArray loss, NDManager manager) {
    Map<String, NDArray> weights = new LinkedHashMap<>(model.parameters());
    weights.values().removeIf(weight -> !weight.hasGradient());
    Iterator<NDArray> gradients =
        Gradients.of(loss, List.copyOf(weights.values())).toList(manager).iterator();
    weights.replaceAll((name, weight) -> gradients.next());
    return weights;
  }

  /** The network of a file of outputs with the weights of another file. */
  public static UNet2DModel open(NDManager manager, Golden io, Golden weights) {
    UNet2DModel model = new UNet2DModel(manager, config(io), 0);
    Map<String, NDArray> state = new LinkedHashMap<>();
    weights.names().forEach(name -> state.put(name, weights.array(manager, name)));
    model.loadStateDict(state);
    return model;
  }
}
