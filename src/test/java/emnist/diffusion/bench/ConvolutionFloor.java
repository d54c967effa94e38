package emnist.diffusion.bench;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import emnist.diffusion.model.UNet2DModelConfig;
import emnist.diffusion.torch.Autograd;
import emnist.diffusion.torch.Functional;
import emnist.diffusion.torch.Gradients;
import emnist.diffusion.torch.TorchFunction;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * The convolutions, matrix products and attentions of a network alone, each on an input of its
 * shape: what no implementation on the same libraries can be faster than.
 */
final class ConvolutionFloor {

  /** One product: its input first, then what is trained. */
  private record Product(List<NDArray> operands, Supplier<NDArray> forward) {}

  private final NDManager manager;
  private final int batch;
  private final int[] sizes;
  private final Map<Shape, NDArray> inputs = new HashMap<>();
  private final List<Product> products = new ArrayList<>();

  /** The products of a network; its weights are used, and not changed. */
  ConvolutionFloor(Network network) {
    this.manager = network.manager();
    this.batch = network.batch();
    UNet2DModelConfig config = network.model().config();
    this.sizes = new int[config.blockOutChannels().size()];
    for (int i = 0; i < sizes.length; i++) {
      sizes[i] = i == 0 ? network.size() : (sizes[i - 1] + 1) / 2;
    }
    Map<String, NDArray> weights = network.model().parameters();
    weights.forEach(
        (name, weight) -> {
          NDArray bias = weights.get(name.replace(".weight", ".bias"));
          if (weight.getShape().dimension() == 4) {
            addConvolution(name, weight, bias);
          } else if (weight.getShape().dimension() == 2 && !name.startsWith("class_embedding")) {
            addLinear(name, weight, bias);
            if (name.endsWith("to_q.weight")) {
              addAttention(name, weight, config);
            }
          }
        });
  }

  private void addConvolution(String name, NDArray weight, NDArray bias) {
    boolean down = name.contains("downsamplers");
    int size = name.contains("upsamplers") ? sizes[level(name) - 1] : sizes[level(name)];
    NDArray x = input(new Shape(batch, weight.getShape().get(1), size, size));
    int padding = (int) weight.getShape().get(2) / 2;
    products.add(
        new Product(
            List.of(x, weight, bias),
            () -> Functional.conv2d(x, weight, bias, down ? 2 : 1, padding)));
  }

  private void addLinear(String name, NDArray weight, NDArray bias) {
    long features = weight.getShape().get(1);
    NDArray x =
        name.contains("attentions")
            ? input(new Shape(batch, tokens(name), features))
            : input(new Shape(batch, features));
    products.add(new Product(List.of(x, weight, bias), () -> Functional.linear(x, weight, bias)));
  }

  private void addAttention(String name, NDArray weight, UNet2DModelConfig config) {
    int channels = (int) weight.getShape().get(0);
    NDArray x = input(new Shape(batch, tokens(name), channels));
    TorchFunction attention = Functional.attention(channels / config.headDim(channels));
    products.add(new Product(List.of(x), () -> attention.apply(x, x, x)));
  }

  private long tokens(String name) {
    int size = sizes[level(name)];
    return (long) size * size;
  }

  /** The level whose height and width the module of that name works on. */
  private int level(String name) {
    String[] path = name.split("\\.");
    return switch (path[0]) {
      case "down_blocks" -> Integer.parseInt(path[1]);
      case "mid_block" -> sizes.length - 1;
      case "up_blocks" -> sizes.length - 1 - Integer.parseInt(path[1]);
      default -> 0;
    };
  }

  private NDArray input(Shape shape) {
    return inputs.computeIfAbsent(
        shape,
        s -> {
          NDArray x = manager.randomNormal(s);
          x.setRequiresGradient(true);
          return x;
        });
  }

  /** All products once. */
  void forward() {
    for (Product product : products) {
      Autograd.noGrad(product.forward()).close();
    }
  }

  /** All products once, with the gradients of input and weights. */
  void training() {
    for (Product product : products) {
      try (NDArray y = Autograd.enableGrad(product.forward());
          Gradients gradients = Gradients.of(y, product.operands())) {
        gradients.toList(manager).forEach(NDArray::close);
      }
    }
  }
}
