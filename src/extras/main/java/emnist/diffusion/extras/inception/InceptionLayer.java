package emnist.diffusion.extras.inception;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import emnist.diffusion.torch.Functional;

/** A part of the network: a function of {@code (N, C, H, W)} that does not change its input. */
@FunctionalInterface
interface InceptionLayer {

  NDArray forward(NDArray x);

  /** One layer after the other; intermediate results are freed. */
  static InceptionLayer sequence(InceptionLayer first, InceptionLayer... rest) {
    return x -> {
      NDArray h = first.forward(x);
      for (InceptionLayer layer : rest) {
        h = Functional.consume(h, layer::forward);
      }
      return h;
    };
  }

  /** All layers applied to the same input, their channels concatenated. */
  static InceptionLayer concat(InceptionLayer... branches) {
    return x -> {
      NDList outputs = new NDList();
      try (outputs) {
        for (InceptionLayer branch : branches) {
          outputs.add(branch.forward(x));
        }
        return NDArrays.concat(outputs, 1);
      }
    };
  }
}
