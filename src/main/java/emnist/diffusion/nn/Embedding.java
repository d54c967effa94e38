package emnist.diffusion.nn;

import ai.djl.ndarray.NDArray;
import emnist.diffusion.torch.Functional;

/** A table of learned vectors, int64 {@code (N)} to {@code (N, D)}: {@code torch.nn.Embedding}. */
public final class Embedding {

  private final NDArray weight;

  public Embedding(Parameters parameters, int numEmbeddings, int embeddingDim) {
    this.weight = parameters.normal("weight", numEmbeddings, embeddingDim);
  }

  public NDArray forward(NDArray indices) {
    return Functional.embedding(indices, weight);
  }
}
