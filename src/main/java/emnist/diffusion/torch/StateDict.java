package emnist.diffusion.torch;

import ai.djl.ndarray.NDArray;
import java.util.Map;

/** Copies sets of named arrays, all or nothing. */
public final class StateDict {

  private StateDict() {}

  /**
   * Overwrites the parameters of a network: {@code load_state_dict(state, strict=True)}.
   *
   * @param parameters the network's own, by name
   * @param state an array of the same shape for every one of them
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
