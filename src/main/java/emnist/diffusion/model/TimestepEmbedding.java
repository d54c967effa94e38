package emnist.diffusion.model;

import static emnist.diffusion.torch.Functional.consume;

import ai.djl.ndarray.NDArray;
import emnist.diffusion.nn.Linear;
import emnist.diffusion.nn.Parameters;
import emnist.diffusion.torch.Activation;
import emnist.diffusion.torch.Functional;
import emnist.diffusion.torch.TorchFunction;

/** Two linear layers with SiLU between them, behind a projection of the timesteps. */
final class TimestepEmbedding {

  private final TimeProjection projection;
  private final Linear linear1;
  private final Linear linear2;
  private final TorchFunction silu = Functional.activation(Activation.SILU);

  TimestepEmbedding(Parameters parameters, TimeProjection projection, int embedDim) {
    this.projection = projection;
    this.linear1 = new Linear(parameters.child("linear_1"), projection.dim(), embedDim);
    this.linear2 = new Linear(parameters.child("linear_2"), embedDim, embedDim);
  }

  /** float32 {@code (N)} to {@code (N, embedDim)}. */
  NDArray forward(NDArray timesteps) {
    NDArray h = consume(projection.forward(timesteps), linear1::forward);
    return consume(consume(h, silu::apply), linear2::forward);
  }
}
