package emnist.diffusion;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import emnist.diffusion.model.UNet2DModel;
import emnist.diffusion.model.UNet2DModelConfig;
import emnist.diffusion.torch.Autocast;
import emnist.diffusion.torch.Autograd;
import emnist.diffusion.torch.Functional;
import emnist.diffusion.torch.Gradients;
import emnist.diffusion.torch.MixedPrecision;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The small networks of the reference files. */
public final class GoldenModel {

  private GoldenModel() {}

  /**
   * What a network makes of the inputs of a file.
   *
   * @param golden the file
   * @param prefix of the arrays' names
   * @param y the output
   * @param gradients of the mean of {@code g * y} by the weights' names
   */
  public record Run(Golden golden, String prefix, NDArray y, Map<String, NDArray> gradients) {

    /** The weights whose gradients the file holds. */
    public List<String> stored() {
      return gradients.keySet().stream()
          .filter(name -> golden.names().contains(prefix + "grad." + name))
          .toList();
    }

    public Difference outputDifference() {
      return golden.difference(prefix + "y", y);
    }

    /**
     * The largest difference of all gradients, beside the largest gradient of all: some gradients
     * are truly 0, and rounding noise has no digits to compare.
     */
    public Difference gradientDifference() {
      return stored().stream()
          .map(name -> golden.difference(prefix + "grad." + name, gradients.get(name)))
          .reduce(Difference::merge)
          .orElseThrow();
    }
  }

  /** The files of outputs, without {@code .io}. */
  public static Stream<String> files() {
    return Stream.of(
        "unet_i_2level",
        "unet_ii_3level_class",
        "unet_iii_6level_32",
        "unet_iii_6level_28_patched",
        "unet_iii_b_3level_28",
        "unet_iii_c_attnup_odd_28_patched",
        "unet_iv_scale_shift_resnet",
        "unet_v_fourier",
        "unet_vi_ddpm_style",
        "unet_vii_options");
  }

  /** The network of a file of outputs with its weights. */
  public static UNet2DModel ofFile(NDManager manager, String file) {
    return open(manager, Golden.open(file + ".io"), weights(file));
  }

  /** The weights to a file of outputs. */
  public static Golden weights(String file) {
    String weights = file.startsWith("unet_iii_6level") ? "unet_iii_6level" : file;
    return Golden.open(weights + ".weights");
  }

  /** Forward and backward pass of a network on the inputs of a file. */
  public static Run run(
      NDManager manager,
      UNet2DModel model,
      Golden golden,
      String prefix,
      MixedPrecision precision) {
    NDArray x = golden.array(manager, prefix + "x");
    NDArray t = golden.array(manager, "timesteps");
    NDArray labels = labels(manager, golden);
    NDArray y = Autocast.in(precision, () -> model.forwardWithGrad(x, t, labels));
    NDArray g = golden.array(manager, prefix + "g");
    NDArray loss = Autograd.enableGrad(() -> y.mul(g).mean());
    return new Run(golden, prefix, y, gradients(model, loss, manager));
  }

  /** The classes of a file's inputs, null if it has none. */
  public static NDArray labels(NDManager manager, Golden io) {
    return io.names().contains("class_labels") ? io.array(manager, "class_labels") : null;
  }

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

  /** The README's network of a file of outputs; its weights follow from a formula. */
  public static UNet2DModel readme(NDManager manager, Golden io) {
    UNet2DModel model = new UNet2DModel(manager, config(io), 0);
    int ordinal = 0;
    for (var entry : model.parameters().entrySet()) {
      float[] values = formula(ordinal++, entry.getKey(), entry.getValue().getShape());
      try (NDArray value = manager.create(values, entry.getValue().getShape())) {
        Functional.copyInPlace(entry.getValue(), value);
      }
    }
    return model;
  }

  /** Weights that depend only on their position: a hash, scaled by the fan-in. */
  private static float[] formula(int ordinal, String name, Shape shape) {
    float[] values = new float[Math.toIntExact(shape.size())];
    boolean matrix = shape.dimension() > 1;
    double scale =
        matrix ? 2 * Math.sqrt(3.0 / shape.slice(1).size()) : name.endsWith(".weight") ? 0.4 : 0.2;
    double offset = !matrix && name.endsWith(".weight") ? 1 : 0;
    for (int i = 0; i < values.length; i++) {
      int x = i + ordinal * 0x9E3779B1;
      x = (x ^ (x >>> 16)) * 0x7FEB352D;
      x = (x ^ (x >>> 15)) * 0x846CA68B;
      x ^= x >>> 16;
      double u = (Integer.toUnsignedLong(x) + 0.5) / 4294967296.0 - 0.5;
      values[i] = (float) (offset + scale * u);
    }
    return values;
  }
}
