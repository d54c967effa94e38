package emnist.diffusion.torch;

import ai.djl.ndarray.NDArray;
import java.util.Map;

/** Sets of named arrays. */
public final class StateDict {

  private StateDict() {}

  /**
   * Overwrites a network's parameters by arrays of the same names and shapes: {@code
   * load_state_dict(state, strict=True)}.
   *
   * @throws IllegalArgumentException if a name is missing or unknown, or a shape differs; nothing
   *     is then overwritten
   */
  public static void load(Map<String, NDArray> parameters, Map<String, NDArray> state) {
    for (String name : state.keySet()) {
      if (!parameters.containsKey(name)) {
        throw new IllegalArgumentException(
            "Expected weights of this network, found an unknown one, \"%s\". Use the configuration the weights were saved with."
                .formatted(name));
      }
    }
    parameters.forEach(
        (name, parameter) -> {
          NDArray value = state.get(name);
          if (value == null || !value.getShape().equals(parameter.getShape())) {
            throw new IllegalArgumentException(
                "Expected a weight \"%s\" of shape %s, found %s. Use the configuration the weights were saved with."
                    .formatted(
                        name, parameter.getShape(), value == null ? "none" : value.getShape()));
          }
        });
    parameters.forEach((name, parameter) -> Functional.copyInPlace(parameter, state.get(name)));
  }
}
