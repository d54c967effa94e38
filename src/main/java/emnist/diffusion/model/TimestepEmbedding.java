package emnist.diffusion.model;

import static emnist.diffusion.torch.Functional.consume;

import ai.djl.ndarray.NDArray;
import emnist.diffusion.nn.Linear;
import emnist.diffusion.nn.Parameters;
import emnist.diffusion.torch.Activation;
import emnist.diffusion.torch.Functional;
import emnist.diffusion.torch.TorchFunction;

/** Two linear layers with SiLU between them, {@code (N, channels)} to {@code (N, embedDim)}. */
final class TimestepEmbedding {

  private final Linear linear1;
  private final Linear linear2;
  private final TorchFunction silu = Functional.activation(Activation.SILU);

  TimestepEmbedding(Parameters parameters, int channels, int embedDim) {
    this.linear1 = new Linear(parameters.child("linear_1"), channels, embedDim);
    this.linear2 = new Linear(parameters.child("linear_2"), embedDim, embedDim);
  }

  NDArray forward(NDArray projection) {
    return consume(consume(linear1.forward(projection), silu::apply), linear2::forward);
  }
}
