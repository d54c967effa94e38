package emnist.diffusion.torch;

import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** The activation functions of a {@code UNet2DModel}, with diffusers' names. */
public enum Activation {
  SILU("torch.silu(%s)"),
  SWISH("torch.silu(%s)"),
  MISH("torch.mish(%s)"),
  GELU("torch.gelu(%s)"),
  RELU("torch.relu(%s)"),
  /** The identity, for a norm without activation. */
  NONE("%s");

  private final String torchScript;

  Activation(String torchScript) {
    this.torchScript = torchScript;
  }

  /**
   * The activation that diffusers calls {@code name}.
   *
   * @throws IllegalArgumentException if there is none
   */
  public static Activation of(String name) {
    List<String> names =
        Stream.of(SILU, SWISH, MISH, GELU, RELU)
            .map(a -> a.name().toLowerCase(Locale.ROOT))
            .toList();
    if (!names.contains(name)) {
      throw new IllegalArgumentException(
          "Expected act_fn to be one of %s, found \"%s\". Choose one of these."
              .formatted(String.join(", ", names), name));
    }
    return valueOf(name.toUpperCase(Locale.ROOT));
  }

  String applyTo(String variable) {
    return torchScript.formatted(variable);
  }
}
